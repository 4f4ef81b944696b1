//! `trainer inspect`: what a model file holds.

use std::path::PathBuf;

use anyhow::Result;
use serde_json::{Value, json};
use thumbgan_core::Model;

use crate::{
    files::{hex, read},
    int8,
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
        println!("{}", serde_json::to_string_pretty(&as_json(&model))?);
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
    println!("model      {}", model.name());
    println!("file       {} bytes, CRC-32 {:08x}, sound", model.size(), model.crc());
    println!("latent     {} values, {:?}", model.latent().length, model.latent().distribution);
    println!("classes    {classes}");
    println!("data set   {}, SHA-256 {}", provenance.dataset, hex(&provenance.dataset_sha256));
    println!("training   {} iterations, seed {}", provenance.iterations, provenance.seed);
    if let Some(fid) = provenance.fid {
        println!("FID        {}.{:03}", fid / 1000, fid % 1000);
    }
    println!("made by    {}", provenance.tool);
    println!("cost       {} MACs a digit, {} bytes of scratch", model.macs(), model.scratch());
    for (index, layer) in model.layers().iter().enumerate() {
        println!("layer {index}    {}, {:?}", layer.shape(), layer.activation());
    }
}

fn as_json(model: &Model<'_>) -> Value {
    let provenance = model.provenance();
    let layers: Vec<Value> = model
        .layers()
        .iter()
        .map(|layer| {
            json!({ "shape": layer.shape().to_string(), "activation": format!("{:?}", layer.activation()) })
        })
        .collect();
    json!({
        "model": model.name(),
        "bytes": model.size(),
        "crc32": format!("{:08x}", model.crc()),
        "latent": model.latent().length,
        "distribution": format!("{:?}", model.latent().distribution),
        "classes": model.classes(),
        "dataset": provenance.dataset,
        "dataset_sha256": hex(&provenance.dataset_sha256),
        "iterations": provenance.iterations,
        "seed": provenance.seed,
        "fid": provenance.fid.map(|fid| f64::from(fid) / 1_000.0),
        "tool": provenance.tool,
        "macs": model.macs(),
        "scratch": model.scratch(),
        "layers": layers,
    })
}
