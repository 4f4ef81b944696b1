//! `trainer inspect`: validation and description of a model file.

use std::path::PathBuf;

use anyhow::Result;
use serde::Serialize;
use serde_json::{Value, json};
use thumbgan_core::{Model, model::Layer};
use thumbgan_protocol::ModelInfo;

use super::json;
use crate::{
    export::int8,
    files::{hex, read},
    text::count,
};

/// Arguments of `trainer inspect`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Model file
    model: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Validates the file and prints its metadata and layers.
///
/// # Errors
/// If the file is not a valid model.
pub fn run(options: &Options) -> Result<()> {
    let bytes = read(&options.model)?;
    let model = int8::parse(&bytes, &options.model)?;
    if options.json {
        json::print(&ModelSummary::from(&model))?;
    } else {
        print(&model);
    }
    Ok(())
}

fn print(model: &Model<'_>) {
    let provenance = model.provenance();
    let classes = match model.class_count() {
        0 => "none (unconditional)".to_owned(),
        classes => classes.to_string(),
    };
    let names: Vec<_> = model.class_names().collect();
    outln!("model      {}", model.name());
    outln!(
        "file       {} bytes, CRC-32 {:08x}, valid",
        model.file_len(),
        model.crc32()
    );
    outln!(
        "latent     {} values, {:?}",
        model.latent().len,
        model.latent().distribution
    );
    outln!("classes    {classes}");
    if !names.is_empty() {
        outln!("           {}", names.join(", "));
    }
    outln!(
        "dataset    {}, SHA-256 {}",
        provenance.dataset,
        hex(&provenance.dataset_sha256)
    );
    outln!(
        "training   {}, seed {}",
        count(provenance.iterations as usize, "iteration"),
        provenance.seed
    );
    if let Some(fid) = provenance.fid {
        outln!("FID        {}.{:03}", fid / 1000, fid % 1000);
    }
    outln!("made by    {}", provenance.tool);
    outln!(
        "cost       {} MACs per image, {} bytes of scratch memory",
        model.macs(),
        (4 * model.scratch_len())
    );
    for (index, layer) in model.layers().iter().enumerate() {
        outln!(
            "layer {index}    {}, {:?}",
            layer.shape(),
            layer.activation()
        );
    }
}

/// JSON output.
#[derive(Serialize)]
struct ModelSummary<'a> {
    #[serde(flatten)]
    card: Value,
    class_names: Vec<&'a str>,
    dataset_sha256: String,
    iterations: u32,
    seed: u64,
    tool: &'a str,
    macs: u64,
    scratch: usize,
    layers: Vec<Value>,
}

impl<'a> From<&Model<'a>> for ModelSummary<'a> {
    fn from(model: &Model<'a>) -> Self {
        let provenance = model.provenance();
        // The summary of a board shortens long names; a file shows them in full.
        let card = ModelInfo {
            name: model.name(),
            dataset: provenance.dataset,
            ..ModelInfo::from(model)
        };
        let layer = |layer: &Layer<'_>| json!({ "shape": layer.shape().to_string(), "activation": format!("{:?}", layer.activation()) });
        Self {
            card: json::model(&card),
            class_names: model.class_names().collect(),
            dataset_sha256: hex(&provenance.dataset_sha256),
            iterations: provenance.iterations,
            seed: provenance.seed,
            tool: provenance.tool,
            macs: model.macs(),
            scratch: (4 * model.scratch_len()),
            layers: model.layers().iter().map(layer).collect(),
        }
    }
}
