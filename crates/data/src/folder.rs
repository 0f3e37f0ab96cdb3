//! Datasets as folders of pictures: `train/<class>/` and `test/<class>/` or `val/<class>/`.

use std::path::Path;

use rayon::prelude::*;

use crate::folder_listing::Listing;
use crate::picture::{decode, resized, write_planes};
use crate::{
    DataError, DatasetName, DatasetSource, ImageShape, LabelledImages, Normalisation, Pixels,
    RealDataset,
};

/// Loads the folder dataset in `root`.
///
/// The held-out split is `test/` or `val/`; where both are there, `test/` is used, since `val/` is then meant for
/// choosing settings. All pictures must have one size, unless the source gives a size to resize to.
pub(crate) fn load(root: &Path, source: &DatasetSource) -> Result<RealDataset, DataError> {
    let held_out = ["test", "val"]
        .map(|name| root.join(name))
        .into_iter()
        .find(|folder| folder.is_dir());
    let train = root.join("train");
    let (true, Some(held_out)) = (train.is_dir(), held_out) else {
        return Err(DataError::NotFound {
            dataset: DatasetName::Folder,
            root: root.to_owned(),
            expected: "train/<class>/ and test/<class>/ (or val/<class>/)".to_owned(),
        });
    };
    let train = Listing::read(train, source.train_limit)?;
    let test = Listing::read(held_out, source.test_limit)?;
    same_classes(&train, &test)?;
    let size = match source.size {
        Some((height, width)) => Size::ResizeTo(sides(source, height, width)?),
        None => Size::All(probe(&train)?),
    };
    Ok(RealDataset {
        name: DatasetName::Folder,
        train: read(&train, size)?,
        test: read(&test, size)?,
        class_names: train.classes,
        normalisation: Normalisation::imagenet(),
    })
}

/// Height and width.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Sides(u32, u32);

#[derive(Clone, Copy)]
enum Size {
    /// Every picture is resized to this.
    ResizeTo(Sides),
    /// Every picture has this size already.
    All(Sides),
}

/// Largest side a picture is resized to.
const MAX_SIDE: usize = 4096;

fn sides(source: &DatasetSource, height: usize, width: usize) -> Result<Sides, DataError> {
    match (u32::try_from(height), u32::try_from(width)) {
        (Ok(h), Ok(w)) if height <= MAX_SIDE && width <= MAX_SIDE => Ok(Sides(h, w)),
        _ => Err(source.setting(
            "size",
            format!("is {height}x{width}: expected at most {MAX_SIDE} a side"),
        )),
    }
}

fn probe(listing: &Listing) -> Result<Sides, DataError> {
    match listing.pictures.first() {
        Some((path, _)) => decode(path).map(|picture| Sides(picture.height(), picture.width())),
        None => Err(DataError::content(&listing.folder, "no pictures")),
    }
}

fn same_classes(train: &Listing, test: &Listing) -> Result<(), DataError> {
    for (this, other) in [(train, test), (test, train)] {
        if let Some(class) = this
            .classes
            .iter()
            .find(|class| !other.classes.contains(class))
        {
            let problem = format!(
                "no class folder `{class}`, which {} has: expected the same classes in both",
                this.folder.display()
            );
            return Err(DataError::content(&other.folder, problem));
        }
    }
    Ok(())
}

fn read(listing: &Listing, size: Size) -> Result<LabelledImages, DataError> {
    let Sides(height, width) = match size {
        Size::ResizeTo(sides) | Size::All(sides) => sides,
    };
    let shape = ImageShape {
        channels: 3,
        height: height as usize,
        width: width as usize,
    };
    let mut bytes = Vec::new();
    let total = shape.len().saturating_mul(listing.pictures.len());
    if bytes.try_reserve_exact(total).is_err() {
        let count = listing.pictures.len();
        return Err(DataError::content(
            &listing.folder,
            format!(
                "no memory for {total} bytes ({count} pictures of {shape}): set a smaller size or a limit"
            ),
        ));
    }
    bytes.resize(total, 0);
    // The first failure in the order of the list, whichever thread met one first.
    let failure = (bytes.par_chunks_mut(shape.len()).zip(&listing.pictures))
        .find_map_first(|(planes, (path, _))| fill(path, size, planes).err());
    if let Some(error) = failure {
        return Err(error);
    }
    let labels = listing.pictures.iter().map(|&(_, label)| label).collect();
    Ok(LabelledImages::new(
        shape,
        listing.classes.len(),
        Pixels::Bytes(bytes),
        labels,
    )?)
}

fn fill(path: &Path, size: Size, planes: &mut [u8]) -> Result<(), DataError> {
    let mut picture = decode(path)?;
    let seen = Sides(picture.height(), picture.width());
    match size {
        Size::ResizeTo(sides) if seen != sides => picture = resized(&picture, sides.0, sides.1),
        Size::All(sides) if seen != sides => {
            return Err(DataError::content(
                path,
                format!(
                    "{}x{} pixels (height x width), the first picture has {}x{}: give `size` to resize them all",
                    seen.0, seen.1, sides.0, sides.1
                ),
            ));
        }
        _ => {}
    }
    write_planes(&picture, planes);
    Ok(())
}
