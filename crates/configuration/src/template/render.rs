//! A template as TOML text.

use toml_edit::{Array, InlineTable};

use super::model::{Labels, Named, RealArm, SoftMode, Template, Training, Value};

/// Where comments are wrapped.
const WIDTH: usize = 116;

impl Template {
    /// The text of the configuration.
    pub(crate) fn render(&self) -> String {
        let mut page = Page {
            template: self,
            text: String::new(),
        };
        for line in &self.head {
            page.comment(line);
        }
        if !self.head.is_empty() {
            page.text.push('\n');
        }
        page.top();
        page.dataset();
        page.synthetic();
        page.agent();
        page.section("training");
        page.training("training", &self.training);
        page.real_training();
        page.augmentation();
        page.labels();
        page.text
    }
}

/// The text under construction.
struct Page<'a> {
    template: &'a Template,
    text: String,
}

impl Page<'_> {
    /// A comment, wrapped.
    fn comment(&mut self, text: &str) {
        let mut line = String::from("#");
        // Indented text is a command to be copied: never wrapped.
        if text.starts_with(' ') {
            self.text.push_str(&format!("#{text}\n"));
            return;
        }
        for word in text.split_whitespace() {
            if line.len() > 1 && line.len() + 1 + word.len() > WIDTH {
                self.text.push_str(&line);
                self.text.push('\n');
                line = String::from("#");
            }
            line.push(' ');
            line.push_str(word);
        }
        self.text.push_str(&line);
        self.text.push('\n');
    }

    /// The comments that belong to a key.
    fn notes(&mut self, key: &str) {
        let template = self.template;
        for (_, note) in template.notes.iter().filter(|(at, _)| *at == key) {
            self.comment(note);
        }
    }

    fn section(&mut self, name: &str) {
        self.text.push('\n');
        self.notes(name);
        self.text.push_str(&format!("[{name}]\n"));
    }

    /// `key = value` under the comments of `section.key`.
    fn line(&mut self, section: &str, key: &str, value: impl Into<toml_edit::Value>) {
        let full = if section.is_empty() {
            key.to_owned()
        } else {
            format!("{section}.{key}")
        };
        self.notes(&full);
        let value: toml_edit::Value = value.into();
        self.text.push_str(&format!("{key} = {value}\n"));
    }

    /// A path, or a line that says that it is left to give.
    fn path(&mut self, section: &str, key: &str, value: Option<&String>, what: &str) {
        match value {
            Some(path) => self.line(section, key, path),
            None => {
                self.notes(&format!("{section}.{key}"));
                self.text
                    .push_str(&format!("# {key} = \"...\"    # to give: {what}\n"));
            }
        }
    }

    fn top(&mut self) {
        let template = self.template;
        self.line("", "name", &template.name);
        self.line("", "metric", template.metric.name());
        self.line("", "rounds", template.rounds);
        if let RealArm::Given(accuracy) = template.real {
            self.line("", "real_accuracy", accuracy);
        }
    }

    fn dataset(&mut self) {
        let dataset = &self.template.dataset;
        self.section("dataset");
        self.line("dataset", "name", dataset.reference.name());
        self.path(
            "dataset",
            "root",
            dataset.root.as_ref(),
            dataset.reference.root(),
        );
        if let Some(size) = dataset.size {
            self.line("dataset", "size", Array::from_iter(size));
        }
        self.notes("dataset.transform");
        if !dataset.transform.is_empty() {
            self.text.push_str("transform = [\n");
            for step in &dataset.transform {
                self.text.push_str(&format!("  {},\n", inline(step)));
            }
            self.text.push_str("]\n");
        }
        if let Some(statistics) = dataset.statistics {
            self.line("dataset", "mean", Array::from_iter(statistics.mean));
            self.line("dataset", "std", Array::from_iter(statistics.std));
        }
        if dataset.zca {
            self.line("dataset", "zca", "kornia");
        } else {
            self.line("dataset", "zca", false);
        }
    }

    fn synthetic(&mut self) {
        let template = self.template;
        self.section("synthetic");
        let images = "a tensor file or an image folder";
        self.path("synthetic", "images", None, images);
        let single = matches!(
            template.labels,
            Labels::Soft {
                mode: SoftMode::Single,
                ..
            }
        );
        if single {
            let labels = "the soft labels, one row of logits an image";
            self.path("synthetic", "labels", None, labels);
        }
        match template.synthetic.learning_rate {
            Some(rate) => self.line("synthetic", "learning_rate", rate),
            None => {
                self.notes("synthetic.learning_rate");
                self.text.push_str("# learning_rate = ...    # the method's own: a number or a file; without it, the best of the grid\n");
            }
        }
        self.line("synthetic", "ipc", template.synthetic.ipc);
    }

    fn agent(&mut self) {
        let agent = &self.template.agent;
        self.section("agent");
        self.line("agent", "model", &agent.name);
        self.line("agent", "source", agent.source.name());
    }

    fn training(&mut self, section: &str, training: &Training) {
        self.line(section, "epochs", training.epochs);
        self.line(section, "batch_size", training.batch_size);
        self.line(section, "optimizer", inline(&training.optimizer));
        self.line(section, "schedule", inline(&training.schedule));
        let rates = Array::from_iter(training.learning_rates.iter().copied());
        self.line(section, "learning_rates", rates);
        if let Some(interval) = training.test_interval {
            self.line(section, "test_interval", interval);
        }
    }

    fn real_training(&mut self) {
        match &self.template.real {
            RealArm::None | RealArm::Given(_) => {}
            RealArm::Preset(preset) => {
                self.section("real_training");
                self.line("real_training", "preset", preset);
            }
            RealArm::Table(training) => {
                self.section("real_training");
                self.training("real_training", training);
            }
        }
    }

    fn augmentation(&mut self) {
        let steps = &self.template.augmentation;
        self.text.push('\n');
        self.notes("augmentation");
        if steps.is_empty() {
            self.comment("no augmentation");
        }
        for (index, step) in steps.iter().enumerate() {
            if index > 0 {
                self.text.push('\n');
            }
            self.text.push_str("[[augmentation]]\n");
            self.line("augmentation", "name", step.name);
            for (key, value) in &step.options {
                self.line("augmentation", key, toml(value));
            }
        }
    }

    fn labels(&mut self) {
        self.section("labels");
        let Labels::Soft {
            mode,
            criterion,
            hard_augmentation,
            teachers,
        } = &self.template.labels
        else {
            self.line("labels", "mode", "hard");
            return;
        };
        self.line("labels", "mode", mode.name());
        self.line("labels", "criterion", inline(criterion));
        if let Some(augmented) = *hard_augmentation {
            self.line("labels", "hard_augmentation", augmented);
        }
        for (index, teacher) in teachers.iter().enumerate() {
            self.text.push('\n');
            if index == 0 {
                self.notes("labels.teachers");
            }
            self.text.push_str("[[labels.teachers]]\n");
            self.line("labels.teachers", "model", &teacher.model.name);
            self.line("labels.teachers", "source", teacher.model.source.name());
            let weights = teacher.weights.as_ref();
            self.path("labels.teachers", "weights", weights, "its checkpoint");
        }
    }
}

fn inline(named: &Named) -> InlineTable {
    let mut table = InlineTable::new();
    table.insert("name", named.name.into());
    for (key, value) in &named.options {
        table.insert(*key, toml(value));
    }
    table
}

fn toml(value: &Value) -> toml_edit::Value {
    match value {
        Value::Whole(value) => (*value).into(),
        Value::Number(value) => (*value).into(),
        Value::Flag(value) => (*value).into(),
        Value::Wholes(values) => Array::from_iter(values.iter().copied()).into(),
        Value::Numbers(values) => Array::from_iter(values.iter().copied()).into(),
    }
}
