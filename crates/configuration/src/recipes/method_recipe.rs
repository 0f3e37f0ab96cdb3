//! The evaluation recipe of a method.

use crate::template::Template;

/// The evaluation recipe of one method for one dataset and number of images per class.
#[derive(Clone, Debug)]
pub struct MethodRecipe {
    name: String,
    pub(super) template: Template,
    text: String,
}

impl MethodRecipe {
    pub(super) fn new(name: String, template: Template) -> Self {
        let text = template.render();
        Self {
            name,
            template,
            text,
        }
    }

    /// The name, such as `datm/cifar10-ipc10`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The configuration as TOML text.
    pub fn toml(&self) -> &str {
        &self.text
    }

    /// The dotted keys of the paths that are left to give.
    pub fn missing_paths(&self) -> Vec<String> {
        self.template.missing_paths()
    }
}
