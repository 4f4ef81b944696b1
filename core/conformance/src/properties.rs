//! Properties that hold for every input. Each function panics if its property does not hold.

use thumbgan_core::{
    Generator, Model, ParseError, crc32,
    latent::{Distribution, SplitMix64},
    model::{
        Activation, DenseShape, LatentSpec, LayerData, LayerShape, MAX_CLASSES, MAX_INPUTS,
        MAX_LATENT, MAX_LAYERS, MAX_SIDE, Metadata, Provenance, UpsampleConvShape, encode,
    },
};

use crate::reference::{self, Layer};

/// Maximum scratch memory of a valid model in 32-bit words. The largest feature maps are 7x7x320 and 14x14x320.
const MAX_SCRATCH_LEN: usize = 24 * 1024;
/// Maximum length of an error message in bytes, which has to fit into a response of the serial protocol.
const MAX_MESSAGE_LEN: usize = 160;
/// Maximum number of MACs of a model that is run, so that an input takes milliseconds.
const MAX_MACS: u64 = 1 << 18;

/// Returns the file with the right CRC-32.
pub fn seal(mut file: Vec<u8>) -> Vec<u8> {
    if let Some((checked, crc)) = file.split_last_chunk_mut() {
        *crc = crc32(checked).to_le_bytes();
    }
    file
}

/// Checks that parsing a file ends with a model or an error of one line, both as it is and with the right CRC-32. A model
/// states the file's parameters, is found at the start of longer bytes, and passes [`check_images`].
pub fn check_file(file: &[u8]) {
    let sealed = seal(file.to_vec());
    if sealed != file {
        check_message(Model::parse(file).expect_err("the CRC-32 is wrong"));
    }
    let file = sealed;
    let model = match Model::parse(&file) {
        Ok(model) => model,
        Err(error) => {
            assert!(
                !matches!(error, ParseError::Crc { .. }),
                "the CRC-32 is right"
            );
            return check_message(error);
        }
    };
    assert_eq!(
        (model.file_len(), model.crc32()),
        (file.len(), crc32(&file[..file.len() - 4]))
    );
    assert!(
        model.scratch_len() <= MAX_SCRATCH_LEN,
        "{} words of scratch memory",
        model.scratch_len()
    );
    if cfg!(miri) {
        // The comparisons take minutes there. Running the model does not, and is what miri is for.
        let mut scratch = vec![0; model.scratch_len()];
        let class = model.class_for_seed(0);
        let mut generator = Generator::new(model, &mut scratch).unwrap();
        generator.generate(class, 1).unwrap();
        return;
    }
    let layers: Vec<Layer> = model
        .layers()
        .iter()
        .map(|layer| (layer.shape(), LayerData::from(layer)))
        .collect();
    assert_eq!(
        encode(model.metadata(), &layers),
        file,
        "a model has one encoding"
    );
    let region = [&file[..], &[0xff; 8]].concat();
    assert_eq!(
        Model::parse_prefix(&region).map(|found| found.crc32()),
        Ok(model.crc32())
    );
    if model.macs() <= MAX_MACS {
        let mut latent = vec![0; model.latent_len()];
        model.sample_latent(model.crc32().into(), &mut latent);
        check_images(&model, &layers, &latent);
    }
}

/// Checks that an error has one line that fits into a response.
fn check_message(error: ParseError) {
    let message = error.to_string();
    let is_line = !message.is_empty() && !message.contains(['\n', '\r']);
    assert!(
        is_line && message.len() <= MAX_MESSAGE_LEN,
        "{error:?}: {message:?}"
    );
}

/// Checks that image and hidden activations of a model for a latent equal those of the specification.
pub fn check_images(model: &Model<'_>, layers: &[Layer], latent: &[i8]) {
    let class = model.class_for_seed(model.crc32().into());
    let one_hot = (0..model.class_count()).map(|index| if class == Some(index) { 127 } else { 0 });
    let input: Vec<i8> = latent
        .iter()
        .map(|&value| value.max(-127))
        .chain(one_hot)
        .collect();
    let mut scratch = vec![0xa5a5_a5a5; model.scratch_len()];
    let mut generator = Generator::new(model.clone(), &mut scratch).unwrap();
    let hidden = reference::activations(layers, &input);
    let (last, before) = (layers.last().unwrap(), hidden.last().unwrap_or(&input));
    let before: Vec<_> = before.iter().map(|&value| value.into()).collect();
    let expected = reference::outputs(last, &before).into_iter();
    let image = generator.generate_from_latent(class, latent).unwrap();
    assert!(
        expected.eq(image.pixels().iter().map(|&pixel| pixel.into())),
        "image of {model:?}"
    );
    for (index, expected) in hidden.iter().enumerate() {
        let found = generator
            .activations_from_latent(class, latent, index)
            .unwrap();
        assert!(
            found == Some(expected),
            "activations of layer {index} of {model:?}"
        );
    }
}

/// Checks [`check_file`] of a model whose architecture and parameters follow from `bytes`: all kinds and orders of layers, with
/// the extremes of weights, biases and shifts.
pub fn check_architecture(bytes: &[u8]) {
    check_file(&architecture(bytes));
}

/// Returns a model file that follows from `bytes`. Its layers fit together; its accumulators may exceed 32 bits.
fn architecture(bytes: &[u8]) -> Vec<u8> {
    let mut input = Input(bytes);
    let class_count = input.up_to(3) * input.up_to(MAX_CLASSES / 3);
    let mut width = 1 + input.small(MAX_LATENT - 1);
    let latent = LatentSpec {
        len: width as u16,
        distribution: if input.up_to(1) == 0 {
            Distribution::Uniform
        } else {
            Distribution::Normal
        },
    };
    width += class_count;
    let mut layers = Vec::new();
    for _ in 0..input.up_to(3) {
        // Two layers here and three at the end are the most that follow.
        if layers.len() + 5 > MAX_LAYERS {
            break;
        }
        if input.up_to(1) == 0 {
            let outputs = 1 + input.small(MAX_INPUTS - 1);
            layers.push(input.dense(width, outputs, Activation::Relu));
            width = outputs;
        } else {
            let side = 1 + input.up_to(usize::from(MAX_SIDE) - 1);
            let [inputs, outputs] = [MAX_INPUTS / 8, MAX_INPUTS / (4 * side * side)]
                .map(|max| 1 + input.up_to(max.clamp(1, 40) - 1));
            if 4 * side * side * outputs > MAX_INPUTS {
                break;
            }
            layers.push(input.dense(width, side * side * inputs, Activation::Relu));
            layers.push(input.upsample_conv([side, inputs, outputs], Activation::Relu));
            width = 4 * side * side * outputs;
        }
    }
    match input.up_to(2) {
        0 => layers.push(input.dense(width, 784, Activation::Sigmoid)),
        1 => {
            let inputs = 1 + input.small(9);
            layers.push(input.dense(width, 196 * inputs, Activation::Relu));
            layers.push(input.upsample_conv([14, inputs, 1], Activation::Sigmoid));
        }
        _ => {
            let [first, second] = [1 + input.small(9), 1 + input.small(9)];
            layers.push(input.dense(width, 49 * first, Activation::Relu));
            layers.push(input.upsample_conv([7, first, second], Activation::Relu));
            layers.push(input.upsample_conv([14, second, 1], Activation::Sigmoid));
        }
    }
    let provenance = Provenance {
        dataset: "none",
        dataset_sha256: [7; 32],
        iterations: 5,
        seed: 3,
        fid: None,
        tool: "test",
    };
    let metadata = Metadata {
        name: "test",
        class_count: class_count as u8,
        class_names: "",
        latent,
        provenance,
    };
    encode(&metadata, &layers)
}

/// Bytes that decide about a model; zeros after their end.
struct Input<'a>(&'a [u8]);

impl Input<'_> {
    fn byte(&mut self) -> u8 {
        let (&byte, rest) = self.0.split_first().unwrap_or((&0, &[]));
        self.0 = rest;
        byte
    }

    /// Returns a number from 0 to `max`, mostly a small one.
    fn small(&mut self, max: usize) -> usize {
        self.up_to(max) / (1 + self.up_to(15))
    }

    /// Returns a number from 0 to `max`.
    fn up_to(&mut self, max: usize) -> usize {
        let high = if max > 255 { self.byte() } else { 0 };
        usize::from(u16::from_be_bytes([high, self.byte()])) % (max + 1)
    }

    fn dense(&mut self, inputs: usize, outputs: usize, activation: Activation) -> Layer {
        let divisor = 1 + self.small(outputs - 1);
        let channels = if outputs.is_multiple_of(divisor) {
            outputs / divisor
        } else {
            outputs
        };
        let shape = DenseShape {
            inputs: inputs as u16,
            outputs: outputs as u16,
            channels: channels as u16,
            shift: self.shift(),
            activation,
        };
        self.fill(LayerShape::Dense(shape), inputs)
    }

    fn upsample_conv(
        &mut self,
        [side, inputs, outputs]: [usize; 3],
        activation: Activation,
    ) -> Layer {
        let shape = UpsampleConvShape {
            side: side as u8,
            inputs: inputs as u16,
            outputs: outputs as u16,
            shift: self.shift(),
            activation,
        };
        self.fill(LayerShape::UpsampleConv(shape), 9 * inputs)
    }

    fn shift(&mut self) -> u8 {
        (17 + self.up_to(15)) as u8
    }

    /// Returns a layer with pseudorandom or extreme parameters; `fan_in` is the number of products in an accumulator.
    fn fill(&mut self, shape: LayerShape, fan_in: usize) -> Layer {
        let mut random = SplitMix64::new(u64::from(self.byte()));
        let extreme = self.byte();
        // The largest bias with which no accumulator exceeds 32 bits, or one more.
        let limit = i32::MAX - fan_in as i32 * 127 * 128 + i32::from(extreme == 77);
        let mut next = || random.next_u64();
        let weight = |random: u64| match extreme % 5 {
            0 => -128,
            1 => 127,
            2 if random.is_multiple_of(7) => random.to_le_bytes()[1].cast_signed(),
            2 => 0,
            _ => random.to_le_bytes()[1].cast_signed(),
        };
        let bias = |random: u64| match extreme % 7 {
            0 => limit,
            1 => -limit,
            _ => (random >> 40) as i32 % 30_000 - 15_000,
        };
        let data = LayerData {
            weights: (0..shape.weight_count()).map(|_| weight(next())).collect(),
            biases: (0..shape.channels()).map(|_| bias(next())).collect(),
            multipliers: (0..shape.channels())
                .map(|_| (next() >> 48) as u16)
                .collect(),
        };
        (shape, data)
    }
}
