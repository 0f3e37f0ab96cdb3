//! The grammar of `--device`.

use std::fmt;
use std::str::FromStr;

use crate::error::DeviceError;

/// One device as it was asked for: `auto`, or `BACKEND` or `BACKEND:INDEX`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceRequest {
    /// Whichever is best.
    Auto,
    /// The device of that number of a backend; without a number the first one.
    Named {
        /// The backend's name.
        backend: String,
        /// 0-based.
        index: Option<usize>,
    },
}

/// What one device is asked for with, in words.
const FORM: &str = "`auto`, or a backend with or without a number, such as `flex` or `cuda:1`";

/// Devices as they were asked for, separated by commas: trials are spread over them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceRequests(Vec<DeviceRequest>);

impl DeviceRequests {
    /// The grammar of `--device`, in words.
    pub(crate) fn grammar() -> String {
        format!("{FORM}; several are separated by commas, and trials are spread over them")
    }

    /// In the order of the command line, at least one.
    pub fn iter(&self) -> impl Iterator<Item = &DeviceRequest> {
        self.0.iter()
    }
}

impl FromStr for DeviceRequest {
    type Err = DeviceError;

    fn from_str(text: &str) -> Result<Self, DeviceError> {
        let malformed = |problem: String| DeviceError::Malformed {
            asked: text.to_owned(),
            problem,
        };
        let (backend, index) = match text.split_once(':') {
            None => (text, None),
            Some((backend, index)) => {
                // `parse` alone would take `+1`.
                let digits = !index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit());
                let number = index.parse().ok().filter(|_| digits).ok_or_else(|| {
                    malformed(format!(
                        "`{index}` is not the number of a device; expected {FORM}"
                    ))
                })?;
                (backend, Some(number))
            }
        };
        if backend.is_empty() {
            return Err(malformed(format!("no backend is named; expected {FORM}")));
        }
        // Whether there is such a backend is the table's business, which can say what there is instead.
        if !backend.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(malformed(format!(
                "`{backend}` is not the name of a backend; expected {FORM}"
            )));
        }
        if backend == "auto" {
            return match index {
                None => Ok(Self::Auto),
                Some(_) => Err(malformed("`auto` takes no number".into())),
            };
        }
        Ok(Self::Named {
            backend: backend.to_owned(),
            index,
        })
    }
}

impl FromStr for DeviceRequests {
    type Err = DeviceError;

    fn from_str(text: &str) -> Result<Self, DeviceError> {
        let mut requests: Vec<DeviceRequest> = Vec::new();
        for part in text.split(',') {
            let request: DeviceRequest = part.trim().parse()?;
            // It would not be used twice as much, which whoever writes it expects.
            if requests.contains(&request) {
                return Err(DeviceError::Malformed {
                    asked: text.to_owned(),
                    problem: format!(
                        "`{request}` is named twice; `--jobs` sets the trials at once"
                    ),
                });
            }
            requests.push(request);
        }
        Ok(Self(requests))
    }
}

impl fmt::Display for DeviceRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Named {
                backend,
                index: None,
            } => f.write_str(backend),
            Self::Named {
                backend,
                index: Some(index),
            } => write!(f, "{backend}:{index}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn wrong_requests_are_sentences() {
        for (text, part) in [
            ("", "no backend is named"),
            (":1", "no backend is named"),
            ("cuda:", "`` is not the number"),
            ("cuda:-1", "`-1` is not the number"),
            ("cuda:+1", "`+1` is not the number"),
            ("cuda:1:2", "`1:2` is not the number"),
            ("cuda:99999999999999999999", "is not the number"),
            ("my gpu", "is not the name"),
            ("auto:1", "`auto` takes no number"),
        ] {
            let error = text.parse::<DeviceRequest>().unwrap_err().to_string();
            assert!(error.contains(part), "{text:?}: {error}");
            assert!(error.contains(&format!("`--device {text}`")), "{error}");
        }
    }

    #[test]
    fn lists_keep_their_order_and_refuse_repetition() {
        let requests: DeviceRequests = "cuda:1, flex,cuda:0".parse().unwrap();
        let names: Vec<String> = requests.iter().map(ToString::to_string).collect();
        assert_eq!(names, ["cuda:1", "flex", "cuda:0"]);
        let error = "flex,flex".parse::<DeviceRequests>().unwrap_err();
        assert!(error.to_string().contains("named twice"), "{error}");
        assert!("flex,".parse::<DeviceRequests>().is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(backend in "[a-z]{1,8}[0-9]?", index in proptest::option::of(0..1000_usize)) {
            prop_assume!(backend != "auto");
            let request = DeviceRequest::Named { backend, index };
            prop_assert_eq!(request.to_string().parse::<DeviceRequest>().unwrap(), request);
        }

        #[test]
        fn nothing_panics(text in ".*") {
            let _ = text.parse::<DeviceRequests>();
        }
    }
}
