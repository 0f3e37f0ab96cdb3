//! The datasets that the reference knows, and what ddrank calls them.

/// Mean and standard deviation of each channel, for pixels scaled to 0..1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Statistics {
    pub(crate) mean: [f64; 3],
    pub(crate) std: [f64; 3],
}

impl Statistics {
    /// Of CIFAR-10; the reference uses them for CIFAR-100 too.
    pub(crate) const CIFAR: Self = Self {
        mean: [0.4914, 0.4822, 0.4465],
        std: [0.2023, 0.1994, 0.2010],
    };

    /// Of ImageNet.
    pub(crate) const IMAGENET: Self = Self {
        mean: [0.485, 0.456, 0.406],
        std: [0.229, 0.224, 0.225],
    };

    /// What a black pixel becomes, to six digits.
    pub(crate) fn black(self) -> [f64; 3] {
        std::array::from_fn(|channel| {
            let value = -self.mean[channel] / self.std[channel];
            (value * 1e6).round() / 1e6
        })
    }

    /// Whether two are the same for single floats.
    pub(crate) fn agrees_with(self, other: Self) -> bool {
        let close = |a: [f64; 3], b: [f64; 3]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-6);
        close(self.mean, other.mean) && close(self.std, other.std)
    }
}

/// A dataset of the reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReferenceDataset {
    Cifar10,
    Cifar100,
    TinyImagenet,
    Imagenet1k,
    Imagenette,
    Imagewoof,
    Imagemeow,
    Imagesquawk,
    Imagefruit,
    Imageyellow,
}

impl ReferenceDataset {
    pub(crate) const ALL: [Self; 10] = [
        Self::Cifar10,
        Self::Cifar100,
        Self::TinyImagenet,
        Self::Imagenet1k,
        Self::Imagenette,
        Self::Imagewoof,
        Self::Imagemeow,
        Self::Imagesquawk,
        Self::Imagefruit,
        Self::Imageyellow,
    ];

    /// The reference's name.
    pub(crate) fn reference_name(self) -> &'static str {
        match self {
            Self::Cifar10 => "CIFAR10",
            Self::Cifar100 => "CIFAR100",
            Self::TinyImagenet => "TinyImageNet",
            Self::Imagenet1k => "ImageNet1K",
            Self::Imagenette => "ImageNette",
            Self::Imagewoof => "ImageWoof",
            Self::Imagemeow => "ImageMeow",
            Self::Imagesquawk => "ImageSquawk",
            Self::Imagefruit => "ImageFruit",
            Self::Imageyellow => "ImageYellow",
        }
    }

    /// ddrank's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Cifar10 => "cifar10",
            Self::Cifar100 => "cifar100",
            Self::TinyImagenet => "tiny-imagenet",
            Self::Imagenet1k => "imagenet1k",
            Self::Imagenette => "imagenette",
            Self::Imagewoof => "imagewoof",
            Self::Imagemeow => "imagemeow",
            Self::Imagesquawk => "imagesquawk",
            Self::Imagefruit => "imagefruit",
            Self::Imageyellow => "imageyellow",
        }
    }

    /// Height and width of its images.
    pub(crate) fn side(self) -> i64 {
        match self {
            Self::Cifar10 | Self::Cifar100 => 32,
            Self::TinyImagenet => 64,
            Self::Imagenet1k => 224,
            _ => 128,
        }
    }

    /// Whether all its images have this size, so that a resize to it changes nothing.
    pub(crate) fn has_fixed_size(self) -> bool {
        matches!(self, Self::Cifar10 | Self::Cifar100 | Self::TinyImagenet)
    }

    /// The statistics that the reference normalises it with.
    pub(crate) fn statistics(self) -> Statistics {
        match self {
            Self::Cifar10 | Self::Cifar100 => Statistics::CIFAR,
            _ => Statistics::IMAGENET,
        }
    }

    /// What `root` holds.
    pub(crate) fn root(self) -> &'static str {
        match self {
            Self::Cifar10 => "the folder that holds cifar-10-batches-bin or cifar-10-batches-py",
            Self::Cifar100 => "the folder that holds cifar-100-binary or cifar-100-python",
            _ => "the folder that holds train/<class>/ and val/<class>/",
        }
    }
}
