//! `amana-bindgen LIBRARY KOTLIN SWIFT C`: from the built library (unstripped: what it exports is told by its symbols)
//! writes Kotlin sources below the folder KOTLIN, Swift sources into SWIFT, and the C module under them into C.
//!
//! `cargo xtask bindgen` calls it. It is a crate of its own because UniFFI's generator takes over a minute to build,
//! which nobody should wait for who only tests the Rust side.

use std::env;
use std::error::Error;
use uniffi::{GenerateOptions, SwiftBindingsOptions, TargetLanguage, generate, generate_swift_bindings};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [library, kotlin, swift, c] = arguments.as_slice() else {
        return Err("usage: amana-bindgen LIBRARY KOTLIN SWIFT C, in the folder of uniffi.toml".into());
    };
    let config = Some("uniffi.toml".into());
    generate(GenerateOptions {
        languages: vec![TargetLanguage::Kotlin],
        source: library.into(),
        out_dir: kotlin.into(),
        config_override: config.clone(),
        ..GenerateOptions::default()
    })?;
    generate_swift_bindings(SwiftBindingsOptions {
        generate_swift_sources: true,
        source: library.into(),
        out_dir: swift.into(),
        config: config.clone(),
        ..SwiftBindingsOptions::default()
    })?;
    generate_swift_bindings(SwiftBindingsOptions {
        generate_headers: true,
        generate_modulemap: true,
        source: library.into(),
        out_dir: c.into(),
        module_name: Some("AmanaFFI".into()),
        modulemap_filename: Some("module.modulemap".into()),
        config,
        ..SwiftBindingsOptions::default()
    })?;
    Ok(())
}
