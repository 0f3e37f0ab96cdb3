//! What the recipes of this family share.

use crate::Metric;
use crate::recipes::method::{Case, torchvision};
use crate::template::{
    Labels, Model, Named, RealArm, ReferenceDataset, SoftMode, Teacher, Template, cached_accuracy,
};

/// What these recipes share: AdamW on the reference's cosine for 300 epochs, one teacher like the agent, KL at
/// temperature 20.
pub(super) fn relabelled(case: &Case, agent: Model, batch_size: i64) -> Template {
    let mut template = case.template(agent.clone());
    let training = &mut template.training;
    training.epochs = 300;
    training.batch_size = batch_size;
    training.optimizer = Named::new("adamw").with("weight_decay", 0.01);
    training.schedule = Named::new("cosine");
    training.test_interval = Some(20);
    template.labels = Labels::Soft {
        mode: SoftMode::Multiple,
        criterion: kl(20.0),
        hard_augmentation: (case.metric == Metric::Lrs).then_some(false),
        teachers: teachers([agent]),
    };
    template
}

/// Takes the accuracy that the reference knows instead of training on all real data.
pub(super) fn take_cached_accuracy(template: &mut Template) {
    if let Some(accuracy) = cached_accuracy(template.dataset.reference, &template.agent) {
        template.real = RealArm::Given(accuracy);
        template.notes.retain(|(key, _)| *key != "real_training");
        template.note(
            "real_accuracy",
            "DD-Ranking's own figure; the published configuration does not train on all real data.",
        );
    }
}

pub(super) fn kl(temperature: f64) -> Named {
    Named::new("kl")
        .with("temperature", temperature)
        .with("scale_loss", false)
}

pub(super) fn teachers(models: impl IntoIterator<Item = Model>) -> Vec<Teacher> {
    let teacher = |model| Teacher {
        model,
        weights: None,
    };
    models.into_iter().map(teacher).collect()
}

/// Sets the criterion of the soft labels.
pub(super) fn set_criterion(template: &mut Template, value: Named) {
    if let Labels::Soft { criterion, .. } = &mut template.labels {
        *criterion = value;
    }
}

/// `resize-crop` to a side, of a share of the area from `least` to all.
pub(super) fn resize_crop(side: i64, least: f64) -> Named {
    Named::new("resize-crop")
        .with("size", side)
        .with("scale", [least, 1.0])
}

pub(super) fn flip() -> Named {
    Named::new("flip").with("p", 0.5)
}

pub(super) fn cutmix() -> Named {
    Named::new("cutmix").with("beta", 1.0)
}

/// The preparation of test images: the shorter side resized, then the centre of the dataset's size.
pub(super) fn prepare(template: &mut Template, dataset: ReferenceDataset, resized: i64) {
    let side = dataset.side();
    template.dataset.size = Some([side, side]);
    template.dataset.transform = vec![
        Named::new("resize").with("size", resized),
        Named::new("center-crop").with("size", side),
    ];
}

/// torchvision's ResNet-18, the agent of most of these recipes.
pub(super) fn resnet() -> Model {
    torchvision("ResNet-18-BN")
}
