//! Normalisation with what follows it, without gradients and the step back.

use super::kernels::{
    self, Form, LANES, ROWS, SizesLaunch, gradient_sums, group_sums, input_gradient,
};
use crate::tail::Tail;
use burn::backend::TensorMetadata;
use burn::tensor::{DType, Shape};
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::ops::numeric::empty_device_contiguous_dtype;
use burn_cubecl::ops::{permute_nchw_to_nhwc, permute_nhwc_to_nchw};
use burn_cubecl::tensor::CubeTensor;
use cubecl::{CubeCount, CubeDim};

/// Workgroups of a launch in each direction that every GPU can take (WebGPU's default limit).
const EXTENT: usize = u16::MAX as usize;

/// Whether the kernels can work on these: `f32` all, and an image batch `x` of a size that they can count, of which
/// `tail` leaves something.
pub(super) fn kernels_apply(x: &CubeTensor, parameters: &[&CubeTensor], tail: Tail) -> bool {
    let shape = x.shape();
    let [batch, channels, height, width] = shape.dims();
    let numbers = shape.num_elements();
    let least = if tail.pools() { 2 } else { 1 };
    x.dtype == DType::F32
        && parameters.iter().all(|tensor| tensor.dtype == DType::F32)
        && numbers > 0
        // Places are counted with 32 bits: not every GPU has wider integers.
        && u32::try_from(numbers).is_ok()
        // The extents of a launch.
        && batch <= EXTENT
        && (batch * channels).div_ceil(LANES as usize) <= EXTENT
        && height.min(width) >= least
}

/// Which numbers share a mean and a variance.
#[derive(Clone, Debug)]
pub(super) enum Statistics {
    /// A group of neighbouring channels of one image.
    Group {
        /// Groups of an image.
        groups: usize,
    },
    /// A channel of all images.
    Batch,
    /// None: mean and biased variance of every channel are given.
    Fixed(Box<[CubeTensor; 2]>),
}

/// What the step back needs.
#[derive(Clone, Debug)]
pub(super) struct Saved {
    /// `[batch, height, width, channels]`, contiguous.
    x: CubeTensor,
    weight: CubeTensor,
    bias: CubeTensor,
    mean: CubeTensor,
    inverse: CubeTensor,
    layer: Layer,
}

/// A layer's sizes and kind.
#[derive(Clone, Copy, Debug)]
struct Layer {
    batch: usize,
    height: usize,
    width: usize,
    channels: usize,
    /// Groups of an image, where statistics are those of an image.
    groups: Option<usize>,
    /// Whether the statistics depend on the input.
    found: bool,
    tail: Tail,
}

/// Cubes that fill a large GPU several times. A constant: how many parts an image has decides in which order it is
/// added up.
const CUBES: usize = 1024;
/// Pixels of a part at least, for each of the threads that share it.
const PIXELS: usize = 4;

impl Layer {
    fn form(&self) -> Form {
        Form {
            rectifies: self.tail.rectifies(),
            pools: self.tail.pools(),
            per_image: self.groups.is_some(),
        }
    }

    /// Parts of an image of `pixels` pixels. Depends on sizes only, so that sums are the same everywhere.
    fn parts(&self, pixels: usize) -> usize {
        let cubes = self.batch * self.channels.div_ceil(LANES as usize);
        let most = pixels.div_ceil(ROWS as usize * PIXELS);
        CUBES.div_ceil(cubes).clamp(1, most.max(1))
    }

    fn pixels(&self) -> usize {
        self.height * self.width
    }

    /// Rows and columns of the result.
    fn after(&self) -> [usize; 2] {
        if self.tail.pools() {
            [self.height / 2, self.width / 2]
        } else {
            [self.height, self.width]
        }
    }

    fn sizes(&self, parts: usize) -> SizesLaunch {
        let group = self.groups.map_or(1, |groups| self.channels / groups);
        SizesLaunch::new(
            self.height as u32,
            self.width as u32,
            self.channels as u32,
            group as u32,
            parts as u32,
        )
    }

    /// Groups in all, and numbers of [`kernels::moments`] that belong to one.
    fn groups(&self, parts: usize) -> (usize, usize) {
        match self.groups {
            Some(groups) => (self.batch * groups, parts * (self.channels / groups)),
            None => (self.channels, self.batch * parts),
        }
    }

    /// Mean and biased variance of every group of `x` `[batch, height, width, channels]`, and one over the standard
    /// deviation.
    fn statistics(&self, x: &CubeTensor, epsilon: f64) -> ([CubeTensor; 2], CubeTensor) {
        let parts = self.parts(self.pixels());
        let shape = [self.batch * parts, self.channels];
        let (part_mean, part_spread) = (empty(x, shape), empty(x, shape));
        kernels::moments::launch(
            &x.client,
            self.cubes(parts),
            cube_dim(),
            x.clone().into_tensor_arg(),
            part_mean.clone().into_tensor_arg(),
            part_spread.clone().into_tensor_arg(),
            self.sizes(parts),
        );
        let (groups, length) = self.groups(parts);
        let [mean, variance, inverse] = [(); 3].map(|()| empty(x, [groups]));
        kernels::statistics::launch(
            &x.client,
            CubeCount::new_1d(lanes(groups)),
            cube_dim(),
            part_mean.into_tensor_arg(),
            part_spread.into_tensor_arg(),
            mean.clone().into_tensor_arg(),
            variance.clone().into_tensor_arg(),
            inverse.clone().into_tensor_arg(),
            self.sizes(parts),
            groups as u32,
            length as u32,
            epsilon as f32,
            self.groups.is_some(),
        );
        ([mean, variance], inverse)
    }

    /// One cube for every part of an image and [`LANES`] channels.
    fn cubes(&self, parts: usize) -> CubeCount {
        CubeCount::new_3d(lanes(self.channels), parts as u32, self.batch as u32)
    }
}

/// One over the standard deviation of every channel.
fn inverse_deviation(variance: &CubeTensor, epsilon: f64) -> CubeTensor {
    let channels = variance.shape().num_elements();
    let inverse = empty(variance, [channels]);
    kernels::inverse_deviation::launch(
        &variance.client,
        CubeCount::new_1d(lanes(channels)),
        CubeDim::new_1d(LANES),
        variance.clone().into_tensor_arg(),
        inverse.clone().into_tensor_arg(),
        channels as u32,
        epsilon as f32,
    );
    inverse
}

/// Cubes for so many lanes.
fn lanes(count: usize) -> u32 {
    count.div_ceil(LANES as usize) as u32
}

fn cube_dim() -> CubeDim {
    CubeDim::new_2d(LANES, ROWS)
}

/// An uninitialised tensor beside `like`.
fn empty<const D: usize>(like: &CubeTensor, shape: [usize; D]) -> CubeTensor {
    empty_device_contiguous_dtype(
        like.client.clone(),
        like.device.clone(),
        Shape::new(shape),
        DType::F32,
    )
}

/// Normalisation of `f32` tensors: the result, mean and biased variance of every group, and what the step back needs.
pub(super) fn forward(
    x: CubeTensor,
    weight: CubeTensor,
    bias: CubeTensor,
    statistics: Statistics,
    epsilon: f64,
    tail: Tail,
) -> (CubeTensor, [CubeTensor; 2], Saved) {
    let [batch, channels, height, width] = x.shape().dims();
    let layer = Layer {
        batch,
        height,
        width,
        channels,
        groups: match statistics {
            Statistics::Group { groups } => Some(groups),
            Statistics::Batch | Statistics::Fixed(_) => None,
        },
        found: !matches!(statistics, Statistics::Fixed(_)),
        tail,
    };
    // Only another view of what burn's convolutions leave: nothing is copied.
    let x = into_contiguous(permute_nchw_to_nhwc(x));
    let [weight, bias] = [weight, bias].map(into_contiguous);
    let client = x.client.clone();
    let ([mean, variance], inverse) = match statistics {
        Statistics::Fixed(given) => {
            let [mean, variance] = given.map(into_contiguous);
            let inverse = inverse_deviation(&variance, epsilon);
            ([mean, variance], inverse)
        }
        Statistics::Group { .. } | Statistics::Batch => layer.statistics(&x, epsilon),
    };

    let [rows, columns] = layer.after();
    let y = empty(&x, [batch, rows, columns, channels]);
    // Nothing is added up here: the parts need not be those of the statistics.
    let parts = layer.parts(rows * columns);
    kernels::normalise::launch(
        &client,
        layer.cubes(parts),
        cube_dim(),
        x.clone().into_tensor_arg(),
        weight.clone().into_tensor_arg(),
        bias.clone().into_tensor_arg(),
        mean.clone().into_tensor_arg(),
        inverse.clone().into_tensor_arg(),
        y.clone().into_tensor_arg(),
        layer.sizes(parts),
        layer.form(),
    );
    let saved = Saved {
        x,
        weight,
        bias,
        mean: mean.clone(),
        inverse,
        layer,
    };
    (permute_nhwc_to_nchw(y), [mean, variance], saved)
}

/// The gradients of input, weight and bias.
pub(super) fn backward(saved: Saved, dy: CubeTensor) -> [CubeTensor; 3] {
    let Saved {
        x,
        weight,
        bias,
        mean,
        inverse,
        layer,
    } = saved;
    let dy = into_contiguous(permute_nchw_to_nhwc(dy));
    let client = x.client.clone();
    let parts = layer.parts(layer.pixels());
    let shape = [layer.batch * parts, layer.channels];
    let (sums, products) = (empty(&x, shape), empty(&x, shape));
    gradient_sums::launch(
        &client,
        layer.cubes(parts),
        cube_dim(),
        x.clone().into_tensor_arg(),
        dy.clone().into_tensor_arg(),
        weight.clone().into_tensor_arg(),
        bias.clone().into_tensor_arg(),
        mean.clone().into_tensor_arg(),
        inverse.clone().into_tensor_arg(),
        sums.clone().into_tensor_arg(),
        products.clone().into_tensor_arg(),
        layer.sizes(parts),
        layer.form(),
    );
    let add_up = |layer: Layer, weighted: bool| {
        let (groups, length) = layer.groups(parts);
        let (sum, product) = (empty(&x, [groups]), empty(&x, [groups]));
        group_sums::launch(
            &client,
            CubeCount::new_1d(lanes(groups)),
            cube_dim(),
            sums.clone().into_tensor_arg(),
            products.clone().into_tensor_arg(),
            weight.clone().into_tensor_arg(),
            sum.clone().into_tensor_arg(),
            product.clone().into_tensor_arg(),
            layer.sizes(parts),
            groups as u32,
            length as u32,
            weighted,
        );
        (sum, product)
    };
    let over_batch = Layer {
        groups: None,
        ..layer
    };
    // What batch normalisation needs for the gradient of its input are the gradients of bias and weight themselves.
    let (db, dw) = add_up(over_batch, false);
    let (group_sum, group_product) = match layer.groups {
        Some(_) => add_up(layer, true),
        None => (db.clone(), dw.clone()),
    };
    let numbers = match layer.groups {
        Some(groups) => layer.channels / groups * layer.pixels(),
        None => layer.batch * layer.pixels(),
    };
    // Given statistics do not depend on the input.
    let share = if layer.found {
        1.0 / numbers as f32
    } else {
        0.0
    };
    let dx = empty(&x, [layer.batch, layer.height, layer.width, layer.channels]);
    input_gradient::launch(
        &client,
        layer.cubes(parts),
        cube_dim(),
        x.into_tensor_arg(),
        dy.into_tensor_arg(),
        weight.into_tensor_arg(),
        bias.into_tensor_arg(),
        mean.into_tensor_arg(),
        inverse.into_tensor_arg(),
        group_sum.into_tensor_arg(),
        group_product.into_tensor_arg(),
        dx.clone().into_tensor_arg(),
        layer.sizes(parts),
        share,
        layer.form(),
    );
    [permute_nhwc_to_nchw(dx), dw, db]
}
