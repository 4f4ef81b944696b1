//! The inputs that count: after a ReLU about half of them are 0, and 0 times any weight needs no product.

use bytemuck::{Pod, Zeroable};

use crate::model::Column;

/// Two active inputs of the same sign, in the order in which kernels load them.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub(super) struct Pair {
    /// Where their columns begin in a tile of weights, in bytes.
    pub(super) columns: [u32; 2],
    /// Their values, or magnitudes; the second is 0 where there is no second input.
    pub(super) values: [i16; 2],
}

/// Words that the list of `inputs` needs: of each sign one pair may be half empty.
pub(super) fn words(inputs: u16) -> usize {
    (usize::from(inputs) / 2 + 1) * (size_of::<Pair>() / size_of::<i32>())
}

/// Active inputs of one sign, or of both.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct List<'a> {
    /// The inputs, two by two.
    pub(super) pairs: &'a [Pair],
    /// Their sum, as they stand in the list.
    pub(super) sum: i32,
}

impl List<'_> {
    /// Where the sums of weights that have 128 added begin.
    pub(super) const fn start(&self) -> i32 {
        -128 * self.sum
    }
}

/// The active inputs of one sum.
pub(super) struct Active<'a> {
    pairs: &'a mut [Pair],
    signed: bool,
    magnitudes: bool,
    inputs: usize,
    /// How many of the pairs are of inputs below 0, which come first, and how many there are; and their sums.
    negative: (usize, i32),
    all: (usize, i32),
}

impl<'a> Active<'a> {
    /// An empty list in `words`, as many as [`words`] says. Unless inputs are `signed`, none is below 0; those
    /// that are can be listed by their `magnitudes`.
    pub(super) fn new(words: &'a mut [i32], signed: bool, magnitudes: bool) -> Self {
        let pairs = bytemuck::pod_align_to_mut(words).1;
        Self { pairs, signed, magnitudes, inputs: 0, negative: (0, 0), all: (0, 0) }
    }

    /// Lists what of `inputs` is not 0.
    pub(super) fn list(&mut self, inputs: &[i8]) {
        self.inputs = inputs.len();
        self.negative = if self.signed { list::<true>(self.pairs, inputs) } else { (0, 0) };
        let (negative, free) = self.pairs.split_at_mut_checked(self.negative.0).unwrap_or_default();
        if self.magnitudes {
            for pair in negative {
                pair.values = pair.values.map(i16::abs);
            }
            self.negative.1 = -self.negative.1;
        }
        let (length, sum) = list::<false>(free, inputs);
        self.all = (self.negative.0 + length, self.negative.1 + sum);
    }

    /// How many inputs were listed, active or not.
    pub(super) const fn inputs(&self) -> usize {
        self.inputs
    }

    /// All active inputs.
    pub(super) fn all(&self) -> List<'_> {
        List { pairs: self.pairs.get(..self.all.0).unwrap_or_default(), sum: self.all.1 }
    }

    /// Those below 0 and those above.
    #[cfg(any(kernels = "mul", kernels = "mul-v6"))]
    pub(super) fn signs(&self) -> (List<'_>, List<'_>) {
        let (negative, positive) = self.all().pairs.split_at_checked(self.negative.0).unwrap_or_default();
        let sum = self.negative.1;
        (List { pairs: negative, sum }, List { pairs: positive, sum: self.all.1 - sum })
    }
}

/// Lists the inputs below 0, or those above: how many pairs they are, and their sum.
#[inline(never)]
fn list<const NEGATIVE: bool>(pairs: &mut [Pair], inputs: &[i8]) -> (usize, i32) {
    let (mut length, mut sum) = (0, 0);
    let mut first = None;
    let mut free = pairs.iter_mut();
    for (column, &value) in (0..).step_by(size_of::<Column>()).zip(inputs) {
        if if NEGATIVE { value >= 0 } else { value <= 0 } {
            continue;
        }
        sum += i32::from(value);
        first = match first {
            None => Some((column, i16::from(value))),
            Some((earlier, x)) => {
                let Some(pair) = free.next() else { break };
                *pair = Pair { columns: [earlier, column], values: [x, i16::from(value)] };
                length += 1;
                None
            }
        };
    }
    if let (Some((column, x)), Some(pair)) = (first, free.next()) {
        *pair = Pair { columns: [column, column], values: [x, 0] };
        length += 1;
    }
    (length, sum)
}
