//! Attention between the tokens of one sequence.

use burn::tensor::Tensor;
use burn::tensor::activation::softmax;

/// Softmax attention of every head.
///
/// `projected` is `[sequences, tokens, 3 × features]`: queries, keys and values side by side, each with its heads side by
/// side. `biased` gets the scores `[sequences, heads, tokens, tokens]`, scaled by `1 / sqrt(features / heads)`, and may add
/// to them. The result is `[sequences, tokens, features]`.
pub(crate) fn attend(
    projected: Tensor<3>,
    heads: usize,
    biased: impl FnOnce(Tensor<4>) -> Tensor<4>,
) -> Tensor<3> {
    let [sequences, tokens, width] = projected.dims();
    let features = width / 3;
    let size = features / heads;
    let part = |which: usize| {
        projected
            .clone()
            .narrow(2, which * features, features)
            .reshape([sequences, tokens, heads, size])
            .swap_dims(1, 2)
    };
    // Scaling the queries instead of the scores is the order of torchvision's Swin, and touches fewer numbers.
    let queries = part(0).mul_scalar((size as f64).powf(-0.5));
    let scores = biased(queries.matmul(part(1).swap_dims(2, 3)));
    softmax(scores, 3)
        .matmul(part(2))
        .swap_dims(1, 2)
        .reshape([sequences, tokens, features])
}
