//! Writer of TensorFlow Lite models with fully connected layers: FlatBuffers by TensorFlow's `schema.fbs`. Fields are numbered in the
//! order of their declaration in the schema.

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

/// Tensors, each with the buffer of its index; the first buffer is empty, as the format requires.
#[derive(Default)]
struct Writer {
    builder: Builder,
    buffers: Vec<Table>,
    tensors: Vec<Table>,
}

/// Returns the model file of a sequence of layers.
pub fn model(layers: &[Layer]) -> Vec<u8> {
    let mut writer = Writer::default();
    let mut operators = Vec::new();
    let mut last = None;
    for layer in layers {
        let Layer {
            inputs,
            outputs,
            input_scale,
            weight_scale,
            output_scale,
            relu,
            ..
        } = *layer;
        let weights: Vec<_> = layer
            .weights
            .iter()
            .map(|weight| weight.cast_unsigned())
            .collect();
        let biases: Vec<_> = layer
            .biases
            .iter()
            .flat_map(|bias| bias.to_le_bytes())
            .collect();
        let input = last.unwrap_or_else(|| writer.tensor(&[1, inputs], INT8, input_scale, &[]));
        let weights = writer.tensor(&[outputs, inputs], INT8, weight_scale, &weights);
        let biases = writer.tensor(&[outputs], INT32, input_scale * weight_scale, &biases);
        let output = writer.tensor(&[1, outputs], INT8, output_scale, &[]);
        operators.push(fully_connected(
            &mut writer.builder,
            [input, weights, biases],
            output,
            relu,
        ));
        last = Some(output);
    }
    writer.finish(&operators, 0, last.unwrap_or_default())
}

/// Writes a table with the fields that `push` adds.
fn table(builder: &mut Builder, push: impl FnOnce(&mut Builder)) -> Table {
    let start = builder.start_table();
    push(builder);
    builder.end_table(start)
}

/// Returns the position of a field in a table's vtable.
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
        // The operator code is the first and only one of the model.
        builder.push_slot_always(field(0), 0_u32);
        builder.push_slot_always(field(1), inputs);
        builder.push_slot_always(field(2), outputs);
        builder.push_slot_always(field(3), FULLY_CONNECTED_OPTIONS);
        builder.push_slot_always(field(4), options);
    })
}

impl Writer {
    /// Writes a tensor with zero point 0 and returns its index; `data` is empty for tensors that are computed.
    fn tensor(&mut self, shape: &[usize], kind: i8, scale: f32, data: &[u8]) -> i32 {
        let Self {
            builder,
            buffers,
            tensors,
        } = self;
        let number = tensors.len() as i32;
        let data = builder.create_vector(data);
        buffers.push(table(builder, |builder| {
            builder.push_slot_always(field(0), data)
        }));
        let scales = builder.create_vector(&[scale]);
        let zero_points = builder.create_vector(&[0_i64]);
        let quantization = table(builder, |builder| {
            builder.push_slot_always(field(2), scales);
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

    /// Returns the file of a model with these operators, from input to output tensor.
    fn finish(self, operators: &[Table], input: i32, output: i32) -> Vec<u8> {
        let Self {
            mut builder,
            buffers,
            tensors,
        } = self;
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
        let code = table(builder, |builder| {
            builder.push_slot_always(field(0), FULLY_CONNECTED)
        });
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
