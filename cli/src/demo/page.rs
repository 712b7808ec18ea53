//! The page: one file of HTML with its style in it, pictures beside it, nothing fetched.

use super::stage::{Code, Eyes, Line, Mark, Panel, Step};
use super::story::Summary;

/// How the page begins; also the sign of an earlier demo's folder.
pub const HEAD: &str = "<!doctype html>\n<!-- amana demo -->\n";

const STYLE: &str = include_str!("page.css");

/// Writes the page.
pub fn render(steps: &[Step], summary: &Summary) -> String {
    let contents: String =
        steps.iter().map(|step| format!("<li><a href=\"#{}\">{}</a></li>", step.id, text(&step.title))).collect();
    let sections: String = (1..).zip(steps).map(|(number, step)| section(number, step)).collect();
    let Summary { shown, held, answer_bytes } = summary;
    format!(
        "{HEAD}<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Amana: the whole story</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<header>\n<p class=\"name\">Amana <span lang=\"ur\">امانت</span></p>\n\
         <h1>An ID that works where no network does</h1>\n\
         <p class=\"lead\">{holder} gets a ration card on her phone, shows it to a food point far from any network, and \
         gives away only what is needed. Everything below was really done a moment ago by <code>amana demo</code>: every \
         code was drawn, photographed by a shaky camera, and scanned from the photo. The people are invented.</p>\n\
         <dl class=\"tiles\">\
         <div><dt>{shown} of {held}</dt><dd>facts shown, the rest kept</dd></div>\
         <div><dt>0</dt><dd>network connections</dd></div>\
         <div><dt>{answer_bytes} bytes</dt><dd>sealed answer, readable once, by one</dd></div></dl>\n\
         <p class=\"loop\"><b class=\"desk\">Desk</b><span><u class=\"to\">offer</u><u class=\"fro\">fresh key</u>\
         <u class=\"to\">sealed card</u></span>\
         <b class=\"holder\">{holder}’s phone</b><span><u class=\"fro\">request</u>\
         <u class=\"to\">sealed answer</u></span>\
         <b class=\"verifier\">Food point</b></p>\n\
         <nav><ol>{contents}</ol></nav>\n</header>\n<main>\n{sections}</main>\n\
         <footer><p>The keys of this demo are named DEMO, are gone, and refused by every other command. \
         Try it: <code>amana inspect {request}</code>. Read on: <code>docs/exchange.md</code>, \
         <code>amana --help</code>.</p></footer>\n</body>\n</html>\n",
        holder = super::cast::HOLDER,
        request = steps
            .iter()
            .find(|step| step.id == "request")
            .and_then(|step| step.codes.first())
            .map_or("", |code| &code.drawing),
    )
}

fn section(number: usize, step: &Step) -> String {
    let codes: String = step.codes.iter().map(code).collect();
    let codes = if codes.is_empty() { codes } else { format!("<div class=\"codes\">{codes}</div>") };
    let panels: String = step.panels.iter().map(panel).collect();
    format!(
        "<section id=\"{}\"><h2><span class=\"number\">{number}</span>{}</h2>\n<p class=\"told\">{}</p>\n\
         <div class=\"stage\">{codes}<div class=\"panels\">{panels}</div></div></section>\n",
        step.id,
        text(&step.title),
        told(&step.told),
    )
}

fn code(code: &Code) -> String {
    let Code { drawing, photo, caption, version, characters, tries } = code;
    let caption = text(caption);
    let tries = match tries {
        1 => "read at the first try".to_owned(),
        tries => format!("read at try {tries}"),
    };
    format!(
        "<figure><a href=\"{drawing}\"><img src=\"{drawing}\" alt=\"{caption}, as a QR code\" class=\"drawing\"></a>\
         <figcaption><b>{caption}</b><br>{characters} characters, version {version}</figcaption>\
         <div class=\"photo\"><a href=\"{photo}\"><img src=\"{photo}\" alt=\"A photo of the code\"></a>\
         <span>The photo that was scanned: {tries}</span></div></figure>"
    )
}

fn panel(panel: &Panel) -> String {
    let eyes = match panel.eyes {
        Eyes::Holder => "holder",
        Eyes::Verifier => "verifier",
        Eyes::Desk => "desk",
        Eyes::Bystander => "bystander",
    };
    let lines: String = panel.lines.iter().map(line).collect();
    format!("<div class=\"panel {eyes}\"><h3>{}</h3><ul>{lines}</ul></div>", text(&panel.title))
}

/// The mark is said by a word or sign, too, never by colour alone.
fn line(line: &Line) -> String {
    let said = text(&line.text);
    match line.mark {
        Mark::Plain => format!("<li>{said}</li>"),
        Mark::Raw => format!("<li class=\"raw\">{said}</li>"),
        Mark::Good => format!("<li class=\"good\"><i aria-label=\"good\">✓</i>{said}</li>"),
        Mark::Bad => format!("<li class=\"bad\"><i aria-label=\"refused\">✕</i>{said}</li>"),
        Mark::Needed => format!("<li><em class=\"needed\">needed</em>{said}</li>"),
        Mark::Optional => format!("<li><em class=\"optional\">optional</em>{said}</li>"),
        Mark::Beyond => format!("<li><em class=\"beyond\">beyond</em>{said}</li>"),
    }
}

/// Text in which backticks stand around what is typed.
fn told(words: &str) -> String {
    let parts = words.split('`').enumerate();
    parts.map(|(i, part)| if i % 2 == 1 { format!("<code>{}</code>", text(part)) } else { text(part) }).collect()
}

fn text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
