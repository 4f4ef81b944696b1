//! List of the nonzero inputs. After a ReLU about half of the inputs are 0 and contribute nothing.

use bytemuck::{Pod, Zeroable};

use crate::layers::TILE_ROWS;

/// Two nonzero inputs of the same sign, in the layout that the assembly kernels load.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub(super) struct Pair {
    /// Byte offsets of the inputs' columns in a tile of weights.
    pub(super) columns: [u32; 2],
    /// Values or magnitudes of the inputs; the second is 0 in an incomplete pair.
    pub(super) values: [i16; 2],
}

/// Returns the 32-bit words of a list of `inputs` values. Each sign can have one incomplete pair.
pub(super) const fn workspace_len(inputs: u16) -> usize {
    (inputs as usize / 2 + 1) * (size_of::<Pair>() / size_of::<i32>())
}

/// Nonzero inputs of one sign, or of both.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PairList<'a> {
    /// Pairs of inputs.
    pub(super) pairs: &'a [Pair],
    /// Sum of the listed values.
    pub(super) sum: i32,
}

impl PairList<'_> {
    /// Returns the initial value of accumulators whose weights have 128 added, which compensates for it.
    pub(super) const fn offset(&self) -> i32 {
        -128 * self.sum
    }
}

/// Nonzero inputs of one set of accumulators.
pub(super) struct ActiveInputs<'a> {
    pairs: &'a mut [Pair],
    signed: bool,
    magnitudes: bool,
    input_count: usize,
    /// Number of pairs and sum of values of the negative inputs, which come first.
    negative: (usize, i32),
    /// Number of pairs and sum of values of all inputs.
    all: (usize, i32),
}

impl<'a> ActiveInputs<'a> {
    /// Creates an empty list in `workspace` of [`workspace_len`] words. Inputs may be negative only if `signed`; with
    /// `magnitudes` negative inputs are listed by their magnitudes.
    pub(super) fn new(workspace: &'a mut [i32], signed: bool, magnitudes: bool) -> Self {
        let pairs = bytemuck::pod_align_to_mut(workspace).1;
        Self {
            pairs,
            signed,
            magnitudes,
            input_count: 0,
            negative: (0, 0),
            all: (0, 0),
        }
    }

    /// Lists the nonzero values of `inputs`.
    pub(super) fn list(&mut self, inputs: &[i8]) {
        self.input_count = inputs.len();
        self.negative = if self.signed {
            list::<true>(self.pairs, inputs)
        } else {
            (0, 0)
        };
        let (negative, free) = self
            .pairs
            .split_at_mut_checked(self.negative.0)
            .unwrap_or_default();
        if self.magnitudes {
            for pair in negative {
                pair.values = pair.values.map(i16::abs);
            }
            self.negative.1 = -self.negative.1;
        }
        let (length, sum) = list::<false>(free, inputs);
        self.all = (self.negative.0 + length, self.negative.1 + sum);
    }

    /// Returns the number of inputs, zeros included.
    pub(super) const fn input_count(&self) -> usize {
        self.input_count
    }

    /// Returns all nonzero inputs.
    pub(super) fn all(&self) -> PairList<'_> {
        PairList {
            pairs: self.pairs.get(..self.all.0).unwrap_or_default(),
            sum: self.all.1,
        }
    }

    /// Returns the negative and the positive inputs.
    #[cfg(any(kernel = "mul", kernel = "mul-rv32", kernel = "mul-v6"))]
    pub(super) fn by_sign(&self) -> (PairList<'_>, PairList<'_>) {
        let (negative, positive) = self
            .all()
            .pairs
            .split_at_checked(self.negative.0)
            .unwrap_or_default();
        let sum = self.negative.1;
        (
            PairList {
                pairs: negative,
                sum,
            },
            PairList {
                pairs: positive,
                sum: self.all.1 - sum,
            },
        )
    }
}

/// Lists the negative inputs, or the positive ones. Returns the number of pairs and the sum of the values.
#[inline(never)]
fn list<const NEGATIVE: bool>(pairs: &mut [Pair], inputs: &[i8]) -> (usize, i32) {
    /// Bytes of a column.
    const COLUMN: u32 = TILE_ROWS;
    let (mut length, mut sum) = (0, 0);
    let mut free = pairs.iter_mut();
    let mut first = None;
    let mut visit = |column: u32, value: i8| {
        if if NEGATIVE { value >= 0 } else { value <= 0 } {
            return;
        }
        sum += i32::from(value);
        match first.take() {
            None => first = Some((column, i16::from(value))),
            Some((earlier, other)) => {
                if let Some(pair) = free.next() {
                    *pair = Pair {
                        columns: [earlier, column],
                        values: [other, i16::from(value)],
                    };
                    length += 1;
                }
            }
        }
    };
    // Words are a shortcut past zeros. Inputs of both signs are latents, hardly any of which is 0.
    let (head, words, tail) = if NEGATIVE {
        (inputs, [].as_slice(), [].as_slice())
    } else {
        bytemuck::pod_align_to::<i8, u32>(inputs)
    };
    let mut column = 0;
    for &value in head {
        visit(column, value);
        column += COLUMN;
    }
    for &word in words {
        if word != 0 {
            let [a, b, c, d] = word.to_ne_bytes();
            visit(column, a.cast_signed());
            visit(column + COLUMN, b.cast_signed());
            visit(column + 2 * COLUMN, c.cast_signed());
            visit(column + 3 * COLUMN, d.cast_signed());
        }
        column += 4 * COLUMN;
    }
    for &value in tail {
        visit(column, value);
        column += COLUMN;
    }
    if let (Some((column, value)), Some(pair)) = (first, free.next()) {
        *pair = Pair {
            columns: [column, column],
            values: [value, 0],
        };
        length += 1;
    }
    (length, sum)
}
