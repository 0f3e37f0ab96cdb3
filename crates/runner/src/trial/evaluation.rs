//! The evaluation loop. There is one.

use burn::module::Module;
use burn::tensor::{Int, Tensor};
use ddrank_data::DataError;
use ddrank_kernels::total;
use ddrank_metrics::Accuracy;
use ddrank_models::Network;

use crate::trial::device_images::DeviceImages;

/// Images a forward pass. It bounds memory and has no influence on the result beyond rounding.
const EVALUATION_BATCH: usize = 250;

/// Top-1 accuracy of a network on a whole test set, in evaluation mode and without a graph.
///
/// Hits are counted on the device and read once.
///
/// # Errors
/// If a picture cannot be decoded.
pub fn accuracy(network: &Network, test: &DeviceImages) -> Result<Accuracy, DataError> {
    let network = network.valid();
    let mut counted: Option<Tensor<1, Int>> = None;
    let mut start = 0;
    for batch in test.in_order(EVALUATION_BATCH)? {
        let images = batch?.images;
        let end = start + images.dims()[0];
        let labels = test.labels.clone().slice(start..end);
        let predicted: Tensor<1, Int> = network.forward_eval(images).argmax(1).squeeze_dim(1);
        let hits = total(predicted.equal(labels).int());
        counted = Some(match counted {
            Some(counted) => counted + hits,
            None => hits,
        });
        start = end;
    }
    let hits = counted.map_or(0, |hits| hits.into_scalar::<i64>());
    #[expect(
        clippy::expect_used,
        reason = "hits are counted among the images, and test sets are not empty"
    )]
    Ok(Accuracy::from_counts(hits as usize, test.count).expect("a share of the images"))
}
