//! The table of datasets.

/// Hands all datasets to the macro `$consumer`: documentation, variant of `DatasetName`, name in configurations, and where
/// the rest of what is to be known stands. Names and descriptors are apart because descriptors need the name for their
/// errors.
macro_rules! datasets {
    ($consumer:ident) => {
        $consumer! {
            /// The built-in dataset: generated, needs no files.
            Demo = "demo", demo::DEMO;
            /// CIFAR-10 from its official binary or Python files.
            Cifar10 = "cifar10", cifar::CIFAR10;
            /// CIFAR-100 with fine labels, from its official binary or Python files.
            Cifar100 = "cifar100", cifar::CIFAR100;
            /// TinyImageNet: 200 classes, the archive as it is or `val/` sorted into class folders.
            TinyImagenet = "tiny-imagenet", tiny_imagenet::TINY_IMAGENET;
            /// ImageNet-1K: 1000 class folders in `train/` and `val/`.
            Imagenet1k = "imagenet1k", imagenet::IMAGENET1K;
            /// Ten easy classes of ImageNet.
            Imagenette = "imagenette", imagenet_subsets::IMAGENETTE;
            /// Ten dog breeds of ImageNet.
            Imagewoof = "imagewoof", imagenet_subsets::IMAGEWOOF;
            /// Ten cats of ImageNet.
            Imagemeow = "imagemeow", imagenet_subsets::IMAGEMEOW;
            /// Ten birds of ImageNet.
            Imagesquawk = "imagesquawk", imagenet_subsets::IMAGESQUAWK;
            /// Ten fruits of ImageNet.
            Imagefruit = "imagefruit", imagenet_subsets::IMAGEFRUIT;
            /// Ten yellowish classes of ImageNet.
            Imageyellow = "imageyellow", imagenet_subsets::IMAGEYELLOW;
            /// A folder of pictures in class folders.
            Folder = "folder", folder::FOLDER;
        }
    };
}

pub(super) use datasets;
