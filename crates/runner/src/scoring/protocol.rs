//! What a ranking compares of an experiment.

use ddrank_configuration::{RealArm, Selection};
use ddrank_metrics::Source;
use ddrank_report as report;

use crate::experiment::Experiment;
use crate::scoring::settings::full_data_recipe;

/// How the experiment measures its accuracies, in types.
pub(crate) fn protocol(experiment: &Experiment) -> report::Protocol {
    let configuration = experiment.configuration();
    let fingerprints = experiment.fingerprints();
    // All arms of distilled images are trained by this recipe; they differ in labels and augmentation.
    let recipe = &configuration.training;
    report::Protocol {
        seed: Some(configuration.seed),
        selection: Some(match recipe.selection {
            Selection::Best => report::Selection::Best {
                test_interval: recipe.test_interval,
            },
            Selection::Last => report::Selection::Last,
        }),
        epochs: Some(recipe.epochs as usize),
        batch_size: Some(recipe.batch_size),
        real: match &configuration.real {
            // A configuration always has one, with defaults; it counts where the metric has such an arm.
            _ if !configuration.metric.has_own(Source::Real) => report::RealAccuracy::None,
            RealArm::Given(accuracy) => report::RealAccuracy::Given(*accuracy),
            RealArm::Trained(recipe) => report::RealAccuracy::Trained(full_data_recipe(recipe)),
        },
        test_images: Some(fingerprints.test.to_string()),
        train_images: Some(fingerprints.train.to_string()),
        agent_parameters: experiment.agent_parameters(),
    }
}
