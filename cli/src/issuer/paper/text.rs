//! Text that must fit a box on paper, whatever the name and the script: broken into lines, and made smaller where it must be.
//!
//! No font is at hand where the sheet is drawn, and others are where it is printed: widths are guessed, wide rather than
//! narrow.

/// The smallest letters, in millimetres: beyond it, words are broken, and what is too long ends in an ellipsis.
const SMALLEST: f64 = 1.4;
/// How much smaller the next try is.
const STEP: f64 = 0.94;
/// Between paragraphs, in sizes of the letters.
const GAP: f64 = 0.4;

/// Where text may go, in millimetres.
#[derive(Clone, Copy)]
pub struct Box {
    pub width: f64,
    pub height: f64,
    /// Most lines, however small they are.
    pub lines: usize,
}

/// Lines of one size.
#[derive(Debug, PartialEq)]
pub struct Fitted {
    /// Of the letters, in millimetres.
    pub size: f64,
    /// From the top.
    pub lines: Vec<Line>,
    /// What they take from top to bottom.
    pub height: f64,
}

/// One of them.
#[derive(Debug, PartialEq)]
pub struct Line {
    pub text: String,
    /// Whether its paragraph is read from the right.
    pub is_from_the_right: bool,
    /// Its foot, from the top of the box.
    pub y: f64,
}

/// Paragraphs in a box, as large as they go and no larger than `size`.
pub fn fit(paragraphs: &[&str], place: Box, size: f64) -> Fitted {
    let leading = paragraphs.iter().flat_map(|text| text.chars()).map(leading_of).fold(LEADING, f64::max);
    let mut size = size;
    loop {
        let is_smallest = size * STEP < SMALLEST;
        let ems = place.width / size;
        let gaps = paragraphs.len().saturating_sub(1) as f64 * GAP * size;
        let most = (((place.height - gaps) / (size * leading)) as usize).min(place.lines).max(1);
        let mut lines: Vec<_> = paragraphs
            .iter()
            .enumerate()
            .flat_map(|(number, text)| wrap(text, ems, is_smallest).into_iter().map(move |line| (number, line)))
            .collect();
        let fits = lines.len() <= most && lines.iter().all(|(_, line)| width_of(line) <= ems);
        if !fits && !is_smallest {
            size *= STEP;
            continue;
        }
        if lines.len() > most {
            lines.truncate(most);
            cut(lines.last_mut().map(|(_, line)| line), ems);
        }
        return set(&lines, paragraphs, size, leading);
    }
}

/// Ends a line in an ellipsis.
fn cut(line: Option<&mut String>, ems: f64) {
    if let Some(line) = line {
        while width_of(line) + 1.0 > ems && line.pop().is_some() {}
        line.push('…');
    }
}

fn set(lines: &[(usize, String)], paragraphs: &[&str], size: f64, leading: f64) -> Fitted {
    let top = |i: usize, paragraph: usize| (i as f64 * leading + paragraph as f64 * GAP) * size;
    let line = |(i, (paragraph, text)): (usize, &(usize, String))| Line {
        text: text.clone(),
        is_from_the_right: is_from_the_right(paragraphs[*paragraph]),
        // The foot of Latin letters lies this far above the bottom of a line.
        y: top(i + 1, *paragraph) - 0.3 * size * leading / LEADING,
    };
    let height = top(lines.len(), lines.last().map_or(0, |(paragraph, _)| *paragraph));
    Fitted { size, lines: lines.iter().enumerate().map(line).collect(), height }
}

/// From a line's foot to the next one's, in sizes of its letters: room for marks above and below.
const LEADING: f64 = 1.28;

fn leading_of(c: char) -> f64 {
    match c {
        // Scripts of southern and south-eastern Asia, which stack their letters.
        '\u{900}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{1900}'..='\u{1cff}' => 1.75,
        '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}' => 1.5,
        _ => LEADING,
    }
}

/// Whether it is read from the right: by its first letter that has a direction.
pub fn is_from_the_right(text: &str) -> bool {
    let direction = |c: char| match c {
        '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}' | '\u{10800}'..='\u{10fff}' => {
            Some(true)
        }
        '\u{1e800}'..='\u{1efff}' => Some(true),
        c if c.is_alphabetic() => Some(false),
        _ => None,
    };
    text.chars().find_map(direction).unwrap_or(false)
}

/// Breaks between words; inside of them only where `hard`.
fn wrap(text: &str, ems: f64, hard: bool) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().unwrap_or_else(|| unreachable!("there is always a line"));
        if line.is_empty() {
            line.push_str(word);
        } else if width_of(line) + SPACE + width_of(word) <= ems {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
        while hard && lines.last().is_some_and(|line| width_of(line) > ems) {
            let line = lines.pop().unwrap_or_default();
            let at = break_of(&line, ems);
            let (kept, rest) = line.split_at(at);
            lines.extend([kept.to_owned(), rest.to_owned()]);
        }
    }
    lines
}

/// Where a word that is too long is broken: never before a mark that belongs to the letter before it.
fn break_of(word: &str, ems: f64) -> usize {
    let mut taken = 0.0;
    let mut at = 0;
    for (i, c) in word.char_indices() {
        if i > 0 && width_of_one(c) > 0.0 {
            at = i;
        }
        taken += width_of_one(c);
        if taken > ems && at > 0 {
            return at;
        }
    }
    // A line that not even one letter fits into.
    word.chars().next().map_or(0, char::len_utf8)
}

const SPACE: f64 = 0.35;

fn width_of(text: &str) -> f64 {
    text.chars().map(width_of_one).sum()
}

/// What a letter takes at most, in sizes of its own.
fn width_of_one(c: char) -> f64 {
    match c {
        '\u{300}'..='\u{36f}' | '\u{64b}'..='\u{65f}' | '\u{200b}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}' => 0.0,
        ' ' => SPACE,
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' => 0.36,
        'f' | 'r' | 't' | 'I' | '-' | '(' | ')' | '/' => 0.46,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 1.05,
        'A'..='Z' => 0.8,
        '\u{20}'..='\u{7e}' => 0.66,
        // Accented Latin, Greek, Cyrillic; Hebrew and Arabic, whose letters join.
        '\u{a0}'..='\u{58f}' | '\u{590}'..='\u{8ff}' | '\u{1e00}'..='\u{1fff}' => 0.85,
        '…' => 1.0,
        // Everything else is counted as wide as it is high, and a little more.
        _ => 1.12,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names as long and as odd as people have them, and longer.
    const NAMES: [&str; 8] = [
        "Amina",
        "Wolfeschlegelsteinhausenbergerdorff-Schwarzenbergerhausen",
        "Maria do Rosário Conceição Albuquerque de Vasconcelos e Távora da Silva Pereira",
        "أمينة بنت عبد الرحمن بن محمد الهاشمي القرشي",
        "คุณหญิงพูนศุขพนมยงค์สุวรรณศรีรัตนโกสินทร์",
        "ဒေါ်အောင်ဆန်းစုကြည်ဒေါ်အောင်ဆန်းစုကြည်",
        "𞤀𞤣𞤤𞤢𞤥 𞤆𞤵𞤤𞤢𞤪",
        "W W W W W W W W W W W W W W W W W W W W W W W W W W W W W W W W W W W W W W W W W W W W W W W W W W W W W",
    ];

    const BOXES: [(Box, f64); 4] = [
        (Box { width: 60.0, height: 13.4, lines: 3 }, 5.2),
        (Box { width: 35.0, height: 4.5, lines: 1 }, 3.4),
        (Box { width: 90.0, height: 6.5, lines: 1 }, 5.0),
        (Box { width: 60.0, height: 30.0, lines: 40 }, 2.6),
    ];

    #[test]
    fn nothing_leaves_its_box() {
        let long = NAMES.map(|name| name.repeat(40));
        for name in NAMES.into_iter().chain(long.iter().map(String::as_str)) {
            for ((place, size), paragraphs) in
                BOXES.into_iter().zip([&[name][..], &[name], &[name], &[name, name, "end"]])
            {
                let fitted = fit(paragraphs, place, size);
                assert!(fitted.size <= size && fitted.height <= place.height + 1e-9, "{name}: {}", fitted.height);
                assert!((1..=place.lines).contains(&fitted.lines.len()), "{name}");
                for line in &fitted.lines {
                    assert!(width_of(&line.text) * fitted.size <= place.width + 1e-9, "{}", line.text);
                    assert!(line.y > 0.0 && line.y < place.height, "{name}");
                }
            }
        }
    }

    #[test]
    fn a_name_that_fits_is_left_whole_and_as_large_as_asked() {
        let (place, size) = BOXES[0];
        let fitted = fit(&["Amina Juma"], place, size);
        assert_eq!((fitted.size, fitted.lines.len(), fitted.lines[0].text.as_str()), (size, 1, "Amina Juma"));
        for name in &NAMES[..7] {
            let said: String = fit(&[name], place, size).lines.iter().map(|line| line.text.as_str()).collect();
            let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            assert_eq!(letters(&said), letters(name));
        }
        let cut = fit(&[&NAMES[2].repeat(40)], place, size);
        assert!(cut.lines.last().unwrap().text.ends_with('…'));
    }

    #[test]
    fn a_mark_stays_with_its_letter() {
        let word = "e\u{301}".repeat(200);
        let fitted = fit(&[&word], Box { width: 20.0, height: 100.0, lines: 100 }, 5.0);
        assert!(fitted.lines.len() > 1 && fitted.lines.iter().all(|line| !line.text.starts_with('\u{301}')));
    }

    #[test]
    fn scripts_from_the_right_are_told() {
        for text in ["أمينة", "עדן", "123 أمينة", "𞤀𞤣𞤤𞤢𞤥", "ދިވެހި"] {
            assert!(is_from_the_right(text), "{text}");
        }
        for text in ["Amina أمينة", "123", "", "አማርኛ", "ဒေါ်"] {
            assert!(!is_from_the_right(text), "{text}");
        }
    }
}
