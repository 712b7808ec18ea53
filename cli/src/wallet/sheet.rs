//! A paper share to print: its code, its words, and what to do with it. An SVG picture of an A5 page.

use crate::exit::Fault;
use amana_core::qr::Symbol;
use amana_core::wallet::{Share, share_to_text};
use std::fmt::Write as _;
use zeroize::Zeroizing;

/// Words in each column.
const ROWS: usize = 10;

/// Draws one of `count`.
pub fn draw(share: &Share, count: usize) -> Result<Zeroizing<String>, Fault> {
    let symbol = Symbol::of(&share_to_text(share))?;
    let (number, threshold, set) = (share.number(), share.threshold(), share.set());
    // Every text here is ours, digits or words of the list: nothing needs escaping.
    let mut page = Zeroizing::new(String::with_capacity(32 * 1024));
    let mut say = |x: f64, y: f64, size: f64, text: &str| {
        // Writing to a string does not fail.
        let _ = writeln!(page, r#"<text x="{x}" y="{y}" font-size="{size}">{text}</text>"#);
    };
    say(12.0, 18.0, 7.0, &format!("Share {number} of {count}"));
    say(12.0, 25.0, 3.6, &format!("Any {threshold} of the {count} open a wallet’s backup together. Set {set}."));
    say(12.0, 32.0, 3.6, "Keep it where the backup is not. Show it to nobody but its owner.");
    for (i, word) in share.words().split(' ').enumerate() {
        let (column, row) = ((i / ROWS) as f64, (i % ROWS) as f64);
        say(84.0 + 30.0 * column, 48.0 + 7.0 * row, 4.2, &format!("{:>2}  {word}", i + 1));
    }
    for (i, line) in [
        "To open the backup, bring enough shares together and scan their codes with the app, or:",
        "amana wallet backup restore backup.age --share one.txt two.txt",
        "Without Amana: any tool for SLIP-0039 reads the words; what it prints, 32 digits and",
        "letters, is the passphrase of the file, which any age tool opens.",
        "A share cannot be called back.",
    ]
    .into_iter()
    .enumerate()
    {
        say(12.0, 130.0 + 5.0 * i as f64, 3.2, line);
    }
    let code = symbol.to_svg();
    let code = code.replacen("<svg ", r#"<svg x="12" y="42" width="66" height="66" "#, 1);
    let head = r##"<svg xmlns="http://www.w3.org/2000/svg" width="148mm" height="210mm" viewBox="0 0 148 210" font-family="sans-serif" fill="#000"><rect width="148" height="210" fill="#fff"/>"##;
    Ok(Zeroizing::new(format!("{head}\n{}{code}\n</svg>\n", *page)))
}
