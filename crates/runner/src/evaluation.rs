//! The evaluation loop. There is one.

use burn::module::Module;
use burn::tensor::{Int, Tensor};
use ddrank_metrics::Accuracy;
use ddrank_models::Network;

use crate::device_images::DeviceImages;

/// Images a forward pass. It bounds memory and has no influence on the result beyond rounding.
const EVALUATION_BATCH: usize = 250;

/// Top-1 accuracy of a network on a whole test set, in evaluation mode and without a graph.
///
/// Hits are counted on the device and read once.
pub fn accuracy(network: &Network, test: &DeviceImages) -> Accuracy {
    let network = network.valid();
    let hits = (0..test.count).step_by(EVALUATION_BATCH).map(|start| {
        let end = (start + EVALUATION_BATCH).min(test.count);
        let images = test.images.clone().slice(start..end);
        let labels = test.labels.clone().slice(start..end);
        let predicted: Tensor<1, Int> = network.forward_eval(images).argmax(1).squeeze_dim(1);
        predicted.equal(labels).int().sum()
    });
    let hits = hits.reduce(|total, hits| total + hits);
    let hits = hits.map_or(0, |hits| hits.into_scalar::<i64>());
    #[expect(
        clippy::expect_used,
        reason = "hits are counted among the images, and test sets are not empty"
    )]
    Accuracy::from_counts(hits as usize, test.count).expect("a share of the images")
}
