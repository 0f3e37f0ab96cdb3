//! Opcodes that make or fill tuples, lists, sets and dictionaries.
use super::machine::Machine;
use super::node::{Node, NodeId};
use crate::FileError;

impl Machine {
    /// Opcodes that make or fill containers.
    pub(super) fn container(&mut self, opcode: u8) -> Result<(), FileError> {
        match opcode {
            b')' => self.put(Node::Tuple(Vec::new())),
            b't' => {
                let items = self.above_mark()?;
                self.put(Node::Tuple(items))
            }
            0x85..=0x87 => {
                let mut items = Vec::with_capacity(3);
                for _ in 0x85..=opcode {
                    items.push(self.pop()?);
                }
                items.reverse();
                self.put(Node::Tuple(items))
            }
            // Sets are lists: nobody asks what is in them twice.
            b']' | 0x8f => self.put(Node::List(Vec::new())),
            b'l' | 0x91 => {
                let items = self.above_mark()?;
                self.put(Node::List(items))
            }
            b'}' => self.put(Node::Dict(Vec::new())),
            b'd' => {
                let items = self.above_mark()?;
                self.put(Node::Dict(pairs(&items)?))
            }
            b'a' => {
                let item = self.pop()?;
                self.count_items(1)?;
                self.extend(&[item])
            }
            b'e' | 0x90 => {
                let items = self.above_mark()?;
                self.extend(&items)
            }
            b's' => {
                let (value, key) = (self.pop()?, self.pop()?);
                self.count_items(2)?;
                self.insert(&[key, value])
            }
            _ => {
                let items = self.above_mark()?;
                self.insert(&items)
            }
        }
    }

    fn extend(&mut self, items: &[NodeId]) -> Result<(), FileError> {
        let target = self.top()?;
        match self.get_mut(target) {
            Node::List(list) => list.extend_from_slice(items),
            // An object with list or dictionary behaviour of its own: what it is given is dropped.
            Node::Opaque(_) | Node::Unread(_) => {}
            other => *other = changed(other),
        }
        Ok(())
    }

    fn insert(&mut self, items: &[NodeId]) -> Result<(), FileError> {
        let target = self.top()?;
        let pairs = pairs(items)?;
        match self.get_mut(target) {
            Node::Dict(dict) => dict.extend(pairs),
            Node::Opaque(_) | Node::Unread(_) => {}
            other => *other = changed(other),
        }
        Ok(())
    }
}

/// What is left of a value that the pickle changes in a way that only Python knows: its numbers are not believed.
fn changed(value: &Node) -> Node {
    Node::Unread(
        format!(
            "{}, changed after it was made: load it in Python and save it again",
            value.describe()
        )
        .into(),
    )
}

fn pairs(items: &[NodeId]) -> Result<Vec<(NodeId, NodeId)>, FileError> {
    let (pairs, rest) = items.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(FileError::damaged("the pickle has a key without a value"));
    }
    Ok(pairs.iter().map(|&[key, value]| (key, value)).collect())
}
