//! `trainer inspect`: what a model file holds.

use std::path::PathBuf;

use anyhow::Result;
use serde::Serialize;
use serde_json::{Value, json};
use thumbgan_core::{Model, model::Layer};
use thumbgan_protocol::Card;

use super::json;
use crate::{
    export::int8,
    files::{hex, read},
};

/// Which file.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Model file
    model: PathBuf,
    /// JSON for scripts instead of lines
    #[arg(long)]
    json: bool,
}

/// Checks the file and prints its card and layers.
///
/// # Errors
/// When the file is not a sound model.
pub fn run(options: &Options) -> Result<()> {
    let bytes = read(&options.model)?;
    let model = int8::parse(&bytes, &options.model)?;
    if options.json {
        json::print(&Told::from(&model))?;
    } else {
        print(&model);
    }
    Ok(())
}

fn print(model: &Model<'_>) {
    let provenance = model.provenance();
    let classes = match model.classes() {
        0 => "none: it draws what it likes".to_owned(),
        classes => classes.to_string(),
    };
    let names: Vec<_> = model.class_names().collect();
    outln!("model      {}", model.name());
    outln!(
        "file       {} bytes, CRC-32 {:08x}, sound",
        model.size(),
        model.crc()
    );
    outln!(
        "latent     {} values, {:?}",
        model.latent().length,
        model.latent().distribution
    );
    outln!("classes    {classes}");
    if !names.is_empty() {
        outln!("           {}", names.join(", "));
    }
    outln!(
        "data set   {}, SHA-256 {}",
        provenance.dataset,
        hex(&provenance.dataset_sha256)
    );
    outln!(
        "training   {} iterations, seed {}",
        provenance.iterations,
        provenance.seed
    );
    if let Some(fid) = provenance.fid {
        outln!("FID        {}.{:03}", fid / 1000, fid % 1000);
    }
    outln!("made by    {}", provenance.tool);
    outln!(
        "cost       {} MACs a digit, {} bytes of scratch",
        model.macs(),
        model.scratch()
    );
    for (index, layer) in model.layers().iter().enumerate() {
        outln!(
            "layer {index}    {}, {:?}",
            layer.shape(),
            layer.activation()
        );
    }
}

/// What scripts are told.
#[derive(Serialize)]
struct Told<'a> {
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

impl<'a> From<&Model<'a>> for Told<'a> {
    fn from(model: &Model<'a>) -> Self {
        let provenance = model.provenance();
        // A board's answer has no room for long names.
        let card = Card {
            name: model.name(),
            dataset: provenance.dataset,
            ..Card::from(model)
        };
        let layer = |layer: &Layer<'_>| json!({ "shape": layer.shape().to_string(), "activation": format!("{:?}", layer.activation()) });
        Self {
            card: json::card(&card),
            class_names: model.class_names().collect(),
            dataset_sha256: hex(&provenance.dataset_sha256),
            iterations: provenance.iterations,
            seed: provenance.seed,
            tool: provenance.tool,
            macs: model.macs(),
            scratch: model.scratch(),
            layers: model.layers().iter().map(layer).collect(),
        }
    }
}
