//! What teachers know of the real test images, measured once and kept.

use std::path::Path;

use burn::tensor::Device;
use ddrank_data::{DataError, Fingerprint, Geometry};
use ddrank_files::read_regular_file;
use ddrank_metrics::Accuracy;
use serde::{Deserialize, Serialize};

use crate::execution::run_directory::write_atomically;
use crate::experiment::Experiment;
use crate::input::{Preparation, TeacherDescription};
use crate::trial::accuracy;
use crate::trial::device_images::DeviceImages;

/// A stored answer has some hundred bytes; what is larger is none.
const LARGEST_ANSWER: u64 = 64 << 10;

/// What an accuracy depends on.
#[derive(Serialize)]
struct Question<'a> {
    format: u32,
    teacher: &'a TeacherDescription,
    test_data: Fingerprint,
    preparation: &'a Preparation,
    geometry: &'a Geometry,
}

/// A stored answer.
#[derive(Serialize, Deserialize)]
struct Answer {
    key: String,
    accuracy: Accuracy,
    images: usize,
}

impl Experiment {
    /// Looks up what each teacher knows of the test images in `folder`; on a device, measures what is not there and stores
    /// it. What is found becomes part of the experiment, with warnings.
    ///
    /// # Errors
    /// If a test picture cannot be decoded.
    pub fn ask_teachers(
        &mut self,
        folder: &Path,
        device: Option<&Device>,
    ) -> Result<(), DataError> {
        let Some(teachers) = self.teachers().cloned() else {
            return Ok(());
        };
        let folder = folder.join("teachers");
        let images = self.sizes().1;
        let mut test = None;
        let mut accuracies = Vec::new();
        let keys: Vec<String> = self
            .teacher_descriptions()
            .map(|teacher| self.question(teacher))
            .collect();
        for (network, key) in teachers.networks().zip(keys) {
            let path = folder.join(format!("{key}.json"));
            if let Some(known) = stored(&path, &key, images) {
                accuracies.push(Some(known));
                continue;
            }
            let Some(device) = device else {
                accuracies.push(None);
                continue;
            };
            let test = match &mut test {
                Some(test) => test,
                none => none.insert(DeviceImages::upload(
                    self.test_images()?,
                    self.input(),
                    device,
                )),
            };
            let measured = accuracy(network, test)?;
            accuracies.push(Some(measured));
            let answer = Answer {
                key,
                accuracy: measured,
                images,
            };
            if let Err(error) = store(&folder, &path, &answer) {
                self.warn(format!(
                    "the accuracy of a teacher cannot be kept in {}: {error}; it will be measured again",
                    folder.display()
                ));
            }
        }
        self.set_teacher_accuracies(accuracies);
        Ok(())
    }

    fn question(&self, teacher: &TeacherDescription) -> String {
        let question = Question {
            format: 1,
            teacher,
            test_data: self.fingerprints().test,
            preparation: self.preparation(),
            geometry: self.geometry(),
        };
        #[expect(
            clippy::expect_used,
            reason = "plain structs with string keys always serialise"
        )]
        let text = serde_json::to_vec(&question).expect("a question serialises");
        blake3::hash(&text).to_hex().to_string()
    }
}

/// A stored accuracy, if it can be one: a count of these images.
fn stored(path: &Path, key: &str, images: usize) -> Option<Accuracy> {
    let bytes = read_regular_file(path, LARGEST_ANSWER).ok()?;
    let answer: Answer = serde_json::from_slice(&bytes).ok()?;
    let count = answer.accuracy.fraction() * images as f64;
    let is_count = (count - count.round()).abs() < 1e-6;
    (answer.key == key && answer.images == images && is_count).then_some(answer.accuracy)
}

fn store(folder: &Path, path: &Path, answer: &Answer) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let bytes = serde_json::to_vec_pretty(answer)?;
    write_atomically(path, &bytes).map_err(std::io::Error::other)
}
