//! The values of a pickle that is more than tensors: a dictionary of lists and arrays, such as a batch of CIFAR.
use std::borrow::Cow;
use std::fmt;

use super::machine::unpickle;
use super::node::{Node, NodeId, Pickle};
use super::source::Source;
use crate::{ElementType, FileError, Limits};

/// The data of one pickle. Nothing of it was run: Python names in it stand for nothing but NumPy arrays.
///
/// ```
/// use ddrank_files::{Limits, PickledData};
/// // {'labels': [1, 2]} as Python 2 wrote it.
/// let data = PickledData::parse(b"\x80\x02}q\x00U\x06labelsq\x01]q\x02(K\x01K\x02es.", &Limits::default())?;
/// let labels = data.root().get("labels")?.expect("it is there");
/// assert_eq!(labels.whole_numbers()?, [1, 2]);
/// # Ok::<(), ddrank_files::FileError>(())
/// ```
#[derive(Debug)]
pub struct PickledData(Pickle);

/// One value of a pickle. Reading it follows no references, so values that refer to each other or to themselves cost
/// neither stack nor time.
#[derive(Clone, Copy)]
pub struct PickledValue<'a> {
    pickle: &'a Pickle,
    id: NodeId,
}

/// A NumPy array of a pickle, as its bytes lie in the file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PickledArray<'a> {
    /// Its shape.
    pub shape: &'a [usize],
    /// Whether the first axis varies fastest (Fortran's order), not the last one.
    pub is_column_major: bool,
    /// The type of its elements.
    pub element: ElementType,
    /// Its bytes, which nobody has compared with the shape.
    pub bytes: Cow<'a, [u8]>,
}

impl PickledData {
    /// Parses one pickle of any protocol, written by Python 2 or 3.
    ///
    /// # Errors
    ///
    /// When it is longer than [`Limits::max_pickle_bytes`], has more than [`Limits::max_pickle_values`] values, is
    /// damaged or followed by something, or names a function that exists only to run code.
    pub fn parse(bytes: &[u8], limits: &Limits) -> Result<Self, FileError> {
        let length = bytes.len() as u64;
        if length > limits.max_pickle_bytes {
            return Err(FileError::TooLarge {
                what: "the pickle".to_owned(),
                bytes: length,
                limit: limits.max_pickle_bytes,
            });
        }
        let mut source = Source::new(bytes, length);
        let pickle = unpickle(&mut source, limits)?;
        if source.left() > 0 {
            let left = source.left();
            return Err(FileError::damaged(format!(
                "{left} bytes follow the end of the pickle"
            )));
        }
        Ok(Self(pickle))
    }

    /// The value that the pickle stands for.
    #[must_use]
    pub fn root(&self) -> PickledValue<'_> {
        PickledValue {
            pickle: &self.0,
            id: self.0.root(),
        }
    }
}

impl<'a> PickledValue<'a> {
    /// The value under a key of a dictionary, `None` where it has no such key. Python 2's texts, texts and raw bytes of
    /// the same characters are the same key.
    ///
    /// # Errors
    ///
    /// When this is no dictionary.
    pub fn get(self, key: &str) -> Result<Option<Self>, FileError> {
        let Node::Dict(items) = self.node() else {
            return Err(self.unexpected("a dictionary"));
        };
        // As in Python, a key that is set again replaces the former value.
        let found = items.iter().rev().find(|&&(id, _)| self.is_text(id, key));
        Ok(found.map(|&(_, id)| Self { id, ..self }))
    }

    /// The items of a list, tuple or set of whole numbers.
    ///
    /// # Errors
    ///
    /// When this is something else or holds something else.
    pub fn whole_numbers(self) -> Result<Vec<i64>, FileError> {
        let (Node::List(items) | Node::Tuple(items)) = self.node() else {
            return Err(self.unexpected("a list of whole numbers"));
        };
        let number = |&id: &NodeId| match self.pickle.get(id) {
            Node::Int(value) => Ok(*value),
            _ => Err(Self { id, ..self }.unexpected("a whole number in the list")),
        };
        items.iter().map(number).collect()
    }

    /// The NumPy array that this is.
    ///
    /// # Errors
    ///
    /// When this is something else, or the array's data is not bytes.
    pub fn array(self) -> Result<PickledArray<'a>, FileError> {
        let Node::Array(array) = self.node() else {
            return Err(self.unexpected("a NumPy array"));
        };
        Ok(PickledArray {
            shape: &array.shape,
            is_column_major: array.fortran,
            element: array.kind.element,
            bytes: self.pickle.bytes(array.data)?,
        })
    }

    fn node(self) -> &'a Node {
        self.pickle.get(self.id)
    }

    fn is_text(self, id: NodeId, text: &str) -> bool {
        match self.pickle.get(id) {
            Node::Text(seen) => seen == text,
            Node::Bytes(seen) => seen == text.as_bytes(),
            // How protocols before 3 write the raw bytes of Python 3.
            Node::Latin1(id) => matches!(self.pickle.get(*id), Node::Text(seen) if seen == text),
            _ => false,
        }
    }

    fn unexpected(self, expected: &'static str) -> FileError {
        FileError::Unexpected {
            expected,
            seen: self.node().describe(),
        }
    }
}

/// What the value is; its parts are not shown, since they may refer to it.
impl fmt::Debug for PickledValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PickledValue({})", self.node().describe())
    }
}
