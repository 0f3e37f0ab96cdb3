//! How the command line names a teacher.

use std::path::PathBuf;
use std::str::FromStr;

use ddrank_configuration::TeacherSection;
use ddrank_models::{ModelName, ModelSpec, Source};
use ddrank_runner::input::teacher_files::TeacherFile;

/// A teacher: `MODEL=WEIGHTS`, or a table as in `labels.teachers` of a configuration.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum TeacherArgument {
    /// `ConvNet-3=teacher.pt`.
    Plain(ModelName, PathBuf),
    /// `{ model = "ConvNet-3", width = 64, weights = "teacher.pt" }`.
    Table(TeacherFile),
}

/// A text that holds one value.
#[derive(serde::Deserialize)]
struct Document {
    teacher: toml::Table,
}

impl FromStr for TeacherArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.trim_start().starts_with('{') {
            let Document { teacher } = toml::from_str(&format!("teacher = {}", text.trim()))
                .map_err(|error| error.message().to_owned())?;
            let teacher = TeacherSection::of_table(teacher).map_err(|error| error.to_string())?;
            let weights = teacher.weights.ok_or("this teacher has no `weights`")?;
            return Ok(Self::Table(TeacherFile {
                model: teacher.model,
                weights,
                weights_key: teacher.weights_key,
            }));
        }
        match text.split_once('=') {
            Some((model, weights)) if !weights.is_empty() => {
                let model = model.parse().map_err(|error| format!("{error}"))?;
                Ok(Self::Plain(model, weights.into()))
            }
            _ => Err("expected MODEL=WEIGHTS, such as ConvNet-3=teacher.pt".to_owned()),
        }
    }
}

impl TeacherArgument {
    /// The teacher; `source` is that of plain ones, where it is not the one that the name means.
    pub(super) fn file(&self, source: Option<Source>) -> TeacherFile {
        match self {
            Self::Table(file) => file.clone(),
            Self::Plain(name, weights) => {
                let plain = ModelSpec::new(*name);
                TeacherFile {
                    model: ModelSpec {
                        source: source.unwrap_or(plain.source),
                        ..plain
                    },
                    weights: weights.clone(),
                    weights_key: None,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ddrank_models::{Activation, Pooling, Width};

    #[test]
    fn both_forms_name_a_teacher() {
        let plain: TeacherArgument = "ResNet-18-BN=a=b.pt".parse().unwrap();
        let file = plain.file(Some(Source::Torchvision));
        assert_eq!(file.weights, PathBuf::from("a=b.pt"));
        assert_eq!(file.model.source, Source::Torchvision);
        assert_eq!(file.model.name, "ResNet-18-BN".parse().unwrap());

        // The name says whose definition is meant, as in a configuration.
        let own: TeacherArgument = "resnet18=w.pt".parse().unwrap();
        assert_eq!(own.file(None).model.source, Source::Torchvision);
        let own: TeacherArgument = "ResNet-18=w.pt".parse().unwrap();
        assert_eq!(own.file(None).model.source, Source::Ddranking);

        let table: TeacherArgument =
            r#"{ model = "ConvNet-2", width = 8, pooling = "max", weights = "w.pt" }"#
                .parse()
                .unwrap();
        let file = table.file(None);
        assert_eq!(
            (file.model.width, file.model.pooling),
            (Width::new(8), Pooling::Max)
        );
        assert_eq!(file.model.activation, Activation::Relu);
    }

    #[test]
    fn other_texts_are_errors_that_say_what_is_allowed() {
        for (text, part) in [
            ("ConvNet-3", "MODEL=WEIGHTS"),
            ("ConvNet-3=", "MODEL=WEIGHTS"),
            ("=w.pt", "model"),
            ("ConvNet=w.pt", "ConvNet"),
            (r#"{ model = "ConvNet-3" }"#, "weights"),
            (
                r#"{ model = "ConvNet-3", weights = "w", depth = 3 }"#,
                "depth",
            ),
            (r#"{ model = "ConvNet-3", weights = "w" } x"#, "newline"),
            ("{ model", ""),
        ] {
            let error = text.parse::<TeacherArgument>().unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
