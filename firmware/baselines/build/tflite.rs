//! Writes layers as a TensorFlow Lite model: a FlatBuffer of TensorFlow's `schema.fbs`, of which fully connected
//! layers need few tables. Fields are numbered in the order in which the schema declares them.

use flatbuffers::{FlatBufferBuilder, TableFinishedWIPOffset, VOffsetT, WIPOffset};

use crate::layer::Layer;

const VERSION: u32 = 3;
const FULLY_CONNECTED: i8 = 9;
const FULLY_CONNECTED_OPTIONS: u8 = 8;
const RELU: i8 = 1;
const INT8: i8 = 9;
const INT32: i8 = 2;

type Builder = FlatBufferBuilder<'static>;
type Table = WIPOffset<TableFinishedWIPOffset>;

/// Tensors, each with the buffer of its own number; the first one's is empty, as it must be.
#[derive(Default)]
struct Writer {
    builder: Builder,
    buffers: Vec<Table>,
    tensors: Vec<Table>,
}

/// The model of one layer after the other.
pub fn model(layers: &[Layer]) -> Vec<u8> {
    let mut writer = Writer::default();
    let mut operators = Vec::new();
    let mut last = None;
    for layer in layers {
        let Layer { inputs, outputs, input_unit, weight_unit, output_unit, relu, .. } = *layer;
        let weights: Vec<_> = layer.weights.iter().map(|weight| weight.cast_unsigned()).collect();
        let biases: Vec<_> = layer.biases.iter().flat_map(|bias| bias.to_le_bytes()).collect();
        let input = last.unwrap_or_else(|| writer.tensor(&[1, inputs], INT8, input_unit, &[]));
        let weights = writer.tensor(&[outputs, inputs], INT8, weight_unit, &weights);
        let biases = writer.tensor(&[outputs], INT32, input_unit * weight_unit, &biases);
        let output = writer.tensor(&[1, outputs], INT8, output_unit, &[]);
        operators.push(fully_connected(&mut writer.builder, [input, weights, biases], output, relu));
        last = Some(output);
    }
    writer.finish(&operators, 0, last.unwrap_or_default())
}

/// Writes a table, whose fields `push` writes.
fn table(builder: &mut Builder, push: impl FnOnce(&mut Builder)) -> Table {
    let start = builder.start_table();
    push(builder);
    builder.end_table(start)
}

/// Where a table says where its field of this number lies.
const fn field(number: VOffsetT) -> VOffsetT {
    4 + 2 * number
}

fn fully_connected(builder: &mut Builder, inputs: [i32; 3], output: i32, relu: bool) -> Table {
    let inputs = builder.create_vector(&inputs);
    let outputs = builder.create_vector(&[output]);
    let options = table(builder, |builder| {
        builder.push_slot_always(field(0), if relu { RELU } else { 0 });
    });
    table(builder, |builder| {
        // Its code is the model's first and only one.
        builder.push_slot_always(field(0), 0_u32);
        builder.push_slot_always(field(1), inputs);
        builder.push_slot_always(field(2), outputs);
        builder.push_slot_always(field(3), FULLY_CONNECTED_OPTIONS);
        builder.push_slot_always(field(4), options);
    })
}

impl Writer {
    /// Writes a tensor with zero point 0 and gives its number; `data` is empty where values come while running.
    fn tensor(&mut self, shape: &[usize], kind: i8, unit: f32, data: &[u8]) -> i32 {
        let Self { builder, buffers, tensors } = self;
        let number = tensors.len() as i32;
        let data = builder.create_vector(data);
        buffers.push(table(builder, |builder| builder.push_slot_always(field(0), data)));
        let units = builder.create_vector(&[unit]);
        let zero_points = builder.create_vector(&[0_i64]);
        let quantization = table(builder, |builder| {
            builder.push_slot_always(field(2), units);
            builder.push_slot_always(field(3), zero_points);
        });
        let shape: Vec<_> = shape.iter().map(|&length| length as i32).collect();
        let shape = builder.create_vector(&shape);
        tensors.push(table(builder, |builder| {
            builder.push_slot_always(field(0), shape);
            builder.push_slot_always(field(1), kind);
            builder.push_slot_always(field(2), number as u32);
            builder.push_slot_always(field(4), quantization);
        }));
        number
    }

    /// The file of a model with these operators, between the tensors of these numbers.
    fn finish(self, operators: &[Table], input: i32, output: i32) -> Vec<u8> {
        let Self { mut builder, buffers, tensors } = self;
        let builder = &mut builder;
        let tensors = builder.create_vector(&tensors);
        let inputs = builder.create_vector(&[input]);
        let outputs = builder.create_vector(&[output]);
        let operators = builder.create_vector(operators);
        let graph = table(builder, |builder| {
            builder.push_slot_always(field(0), tensors);
            builder.push_slot_always(field(1), inputs);
            builder.push_slot_always(field(2), outputs);
            builder.push_slot_always(field(3), operators);
        });
        let code = table(builder, |builder| builder.push_slot_always(field(0), FULLY_CONNECTED));
        let codes = builder.create_vector(&[code]);
        let graphs = builder.create_vector(&[graph]);
        let buffers = builder.create_vector(&buffers);
        let model = table(builder, |builder| {
            builder.push_slot_always(field(0), VERSION);
            builder.push_slot_always(field(1), codes);
            builder.push_slot_always(field(2), graphs);
            builder.push_slot_always(field(4), buffers);
        });
        builder.finish(model, Some("TFL3"));
        builder.finished_data().to_vec()
    }
}
