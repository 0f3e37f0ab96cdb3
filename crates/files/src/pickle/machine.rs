//! The stack machine: one opcode after another.
use std::collections::{HashMap, HashSet};
use std::io::BufRead;
use std::sync::Arc;

use super::globals;
use super::node::{Node, NodeId, Pickle, node, node_mut, push};
use super::scalar::scalar;
use super::source::Source;
use crate::{FileError, Limits};

/// Runs one pickle up to its STOP opcode; the source is left just behind it.
pub(crate) fn unpickle<R: BufRead>(
    source: &mut Source<R>,
    limits: &Limits,
) -> Result<Pickle, FileError> {
    let mut machine = Machine {
        nodes: Vec::new(),
        stack: Vec::new(),
        marks: Vec::new(),
        memo: HashMap::new(),
        max_values: limits.max_pickle_values,
        names: HashSet::new(),
        copies_left: limits.max_pickle_values,
        items_left: limits.max_pickle_values.saturating_mul(ITEMS_PER_VALUE),
        max_views: limits.max_entries.saturating_mul(4),
        views_left: limits.max_entries.saturating_mul(4),
        axes_left: limits.max_pickle_values,
    };
    loop {
        let opcode = source.byte()?;
        if opcode == b'.' {
            let root = machine.pop()?;
            return Ok(Pickle {
                nodes: machine.nodes,
                root,
            });
        }
        machine.step(opcode, source)?;
    }
}

/// The state of the machine.
pub(super) struct Machine {
    pub(super) nodes: Vec<Node>,
    stack: Vec<NodeId>,
    /// Heights of the stack at each MARK.
    marks: Vec<usize>,
    memo: HashMap<u32, NodeId>,
    max_values: usize,
    /// Python names are kept once each, however often they are used.
    names: HashSet<Arc<str>>,
    /// Items that containers made of other containers may still copy.
    copies_left: usize,
    /// Items that containers may still take: one byte of a file can put a value into a list again.
    items_left: usize,
    /// Storages, tensors and arrays that may still be made: they are larger than the bytes that name them.
    views_left: usize,
    max_views: usize,
    /// Axes that tensors and arrays may still have together: shapes are named by one byte and take up to a kilobyte.
    axes_left: usize,
}

/// Values that are used again and again (a text that many keys share) are items of several containers.
const ITEMS_PER_VALUE: usize = 4;

/// Longest module or class name.
const MAX_NAME: usize = 256;

impl Machine {
    /// The value at `id`.
    pub(super) fn get(&self, id: NodeId) -> &Node {
        node(&self.nodes, id)
    }

    /// The value at `id`, to be changed.
    pub(super) fn get_mut(&mut self, id: NodeId) -> &mut Node {
        node_mut(&mut self.nodes, id)
    }

    /// Puts a value into the arena.
    pub(super) fn make(&mut self, value: Node) -> Result<NodeId, FileError> {
        push(&mut self.nodes, value, self.max_values)
    }

    /// Counts items copied from another container.
    pub(super) fn count_copies(&mut self, items: usize) -> Result<(), FileError> {
        self.copies_left = self
            .copies_left
            .checked_sub(items)
            .ok_or(FileError::TooMany {
                what: "copied items in the pickle",
                limit: self.max_values,
            })?;
        Ok(())
    }

    /// Counts items put into a container.
    pub(super) fn count_items(&mut self, items: usize) -> Result<(), FileError> {
        self.items_left = self
            .items_left
            .checked_sub(items)
            .ok_or(FileError::TooMany {
                what: "items of the containers in the pickle",
                limit: self.max_values.saturating_mul(ITEMS_PER_VALUE),
            })?;
        Ok(())
    }

    /// Counts one storage, tensor or array.
    pub(super) fn count_view(&mut self) -> Result<(), FileError> {
        self.views_left = self.views_left.checked_sub(1).ok_or(FileError::TooMany {
            what: "storages, tensors and arrays in the pickle",
            limit: self.max_views,
        })?;
        Ok(())
    }

    /// Counts the axes of a tensor or array.
    pub(super) fn count_axes(&mut self, axes: usize) -> Result<(), FileError> {
        self.axes_left = self.axes_left.checked_sub(axes).ok_or(FileError::TooMany {
            what: "axes of the tensors in the pickle",
            limit: self.max_values,
        })?;
        Ok(())
    }

    pub(super) fn put(&mut self, value: Node) -> Result<(), FileError> {
        let id = self.make(value)?;
        self.place(id)
    }

    fn place(&mut self, id: NodeId) -> Result<(), FileError> {
        if self.stack.len() >= self.max_values {
            return Err(FileError::TooMany {
                what: "values on the pickle's stack",
                limit: self.max_values,
            });
        }
        self.stack.push(id);
        Ok(())
    }

    fn floor(&self) -> usize {
        self.marks.last().copied().unwrap_or(0)
    }

    pub(super) fn pop(&mut self) -> Result<NodeId, FileError> {
        // Values below the mark belong to the container that is being built; taking one would break its count.
        if self.stack.len() <= self.floor() {
            return Err(FileError::damaged(
                "the pickle takes a value that is not there",
            ));
        }
        self.stack
            .pop()
            .ok_or_else(|| FileError::damaged("the pickle takes a value that is not there"))
    }

    pub(super) fn top(&mut self) -> Result<NodeId, FileError> {
        let id = self.pop()?;
        self.stack.push(id);
        Ok(id)
    }

    /// The values above the last MARK, which is removed.
    pub(super) fn above_mark(&mut self) -> Result<Vec<NodeId>, FileError> {
        let mark = self
            .marks
            .pop()
            .ok_or_else(|| FileError::damaged("the pickle lacks a MARK"))?;
        self.count_items(self.stack.len() - mark)?;
        Ok(self.stack.split_off(mark))
    }

    fn text_of(&self, id: NodeId) -> Result<&str, FileError> {
        match self.get(id) {
            Node::Text(text) => Ok(text),
            other => Err(FileError::damaged(format!(
                "the pickle needs a text and has {}",
                other.describe()
            ))),
        }
    }

    fn step<R: BufRead>(&mut self, opcode: u8, source: &mut Source<R>) -> Result<(), FileError> {
        match opcode {
            0x80 => {
                let version = source.byte()?;
                // Unknown opcodes would be named without a hint why.
                if version > 5 {
                    return Err(FileError::Unsupported {
                        seen: format!("pickle protocol {version}"),
                        expected: "allowed are 0 to 5".to_owned(),
                    });
                }
            }
            0x95 => drop(source.array::<8>()?), // FRAME: a hint for buffering
            b'(' => {
                // Marks cost memory like values do.
                if self.marks.len() >= self.max_values {
                    return Err(FileError::TooMany {
                        what: "marks in the pickle",
                        limit: self.max_values,
                    });
                }
                self.marks.push(self.stack.len());
            }
            b'0' => {
                if self.marks.last() == Some(&self.stack.len()) {
                    self.marks.pop();
                } else {
                    self.pop()?;
                }
            }
            b'1' => drop(self.above_mark()?),
            b'2' => {
                let id = self.top()?;
                self.place(id)?;
            }
            b'p' | b'q' | b'r' | 0x94 => self.remember(opcode, source)?,
            b'g' | b'h' | b'j' => self.recall(opcode, source)?,
            b'c' => {
                let name = self.name(&source.line()?, &source.line()?)?;
                let name = self.intern(name);
                self.put(Node::Global(name))?;
            }
            0x93 => {
                let (name, module) = (self.pop()?, self.pop()?);
                let name = self.name(self.text_of(module)?, self.text_of(name)?)?;
                let name = self.intern(name);
                self.put(Node::Global(name))?;
            }
            b'Q' => {
                let id = self.pop()?;
                self.count_view()?;
                let value = self.persistent(id)?;
                self.put(value)?;
            }
            b'R' => {
                let (arguments, callable) = (self.pop()?, self.pop()?);
                let value = self.call(callable, arguments)?;
                self.place(value)?;
            }
            0x81 => {
                let (arguments, class) = (self.pop()?, self.pop()?);
                let value = self.instance(class, arguments)?;
                self.place(value)?;
            }
            0x92 => {
                // Keywords of a constructor could only matter if it ran.
                let (_keywords, arguments, class) = (self.pop()?, self.pop()?, self.pop()?);
                let value = self.instance(class, arguments)?;
                self.place(value)?;
            }
            // Classes of Python 1 and 2: their arguments are dropped, nothing is made of them.
            b'i' => {
                let name = self.name(&source.line()?, &source.line()?)?;
                self.above_mark()?;
                let name = self.intern(name);
                self.put(Node::Opaque(name))?;
            }
            b'o' => {
                let class = match self.above_mark()?.first().map(|&id| self.get(id)) {
                    Some(Node::Global(name) | Node::Opaque(name)) => Arc::clone(name),
                    _ => {
                        return Err(FileError::damaged(
                            "the pickle makes an object without a class",
                        ));
                    }
                };
                self.put(Node::Opaque(class))?;
            }
            b'b' => {
                let (state, object) = (self.pop()?, self.top()?);
                self.build(object, state)?;
            }
            b')'
            | b't'
            | 0x85..=0x87
            | b']'
            | b'l'
            | b'}'
            | b'd'
            | 0x8f
            | 0x91
            | b'a'
            | b'e'
            | b's'
            | b'u'
            | 0x90 => self.container(opcode)?,
            _ => {
                let value = scalar(opcode, source)?;
                self.put(value)?;
            }
        }
        Ok(())
    }

    fn name(&self, module: &str, name: &str) -> Result<String, FileError> {
        if module.len().max(name.len()) > MAX_NAME {
            return Err(FileError::damaged("a Python name of more than 256 bytes"));
        }
        globals::check(module, name)?;
        Ok(format!("{module}.{name}"))
    }

    fn intern(&mut self, name: String) -> Arc<str> {
        // Five bytes of a file make a name of up to 513 bytes from two texts that are there already: without sharing,
        // files could grow a hundredfold.
        if let Some(known) = self.names.get(name.as_str()) {
            return Arc::clone(known);
        }
        let name: Arc<str> = name.into();
        self.names.insert(Arc::clone(&name));
        name
    }

    fn remember<R: BufRead>(
        &mut self,
        opcode: u8,
        source: &mut Source<R>,
    ) -> Result<(), FileError> {
        let slot = match opcode {
            b'p' => number(&source.line()?)?,
            b'q' => u32::from(source.byte()?),
            b'r' => u32::from_le_bytes(source.array()?),
            // MEMOIZE: as the counter of Python's own unpickler.
            _ => self.memo.len() as u32,
        };
        let id = self.top()?;
        // One byte of a file remembers the same value once more.
        if self.memo.len() >= self.max_values {
            return Err(FileError::TooMany {
                what: "remembered values in the pickle",
                limit: self.max_values,
            });
        }
        self.memo.insert(slot, id);
        Ok(())
    }

    fn recall<R: BufRead>(&mut self, opcode: u8, source: &mut Source<R>) -> Result<(), FileError> {
        let slot = match opcode {
            b'g' => number(&source.line()?)?,
            b'h' => u32::from(source.byte()?),
            _ => u32::from_le_bytes(source.array()?),
        };
        let id = self.memo.get(&slot).copied();
        let id = id.ok_or_else(|| FileError::damaged(format!("the pickle has no memo {slot}")))?;
        self.place(id)
    }
}

fn number(text: &str) -> Result<u32, FileError> {
    text.parse()
        .map_err(|_| FileError::damaged(format!("the pickle has the memo name `{text}`")))
}
