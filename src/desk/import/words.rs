//! Words compared loosely: headers, choices and names differ in case, width, spaces and spelling between programs.

use unicode_normalization::UnicodeNormalization;

/// Letters and digits only, in lower case and one width: `Deal_Stage *` and `deal stage` are the same.
pub fn squeeze(text: &str) -> String {
    if text.is_ascii() {
        return text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    }
    letters(text).collect()
}

/// True when the text squeezes to this; looks no further than the first letter that is another.
pub fn squeezes_to(text: &str, word: &str) -> bool {
    letters(text).eq(word.chars())
}

fn letters(text: &str) -> impl Iterator<Item = char> {
    text.nfkc().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric())
}

/// The name as compared exactly: one width, lower case, single spaces.
pub fn fold(text: &str) -> String {
    let folded: String = text.nfkc().flat_map(char::to_lowercase).collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How many letters must be put in, taken out, exchanged or swapped with their neighbour; `None` above `most`.
pub fn distance(a: &str, b: &str, most: usize) -> Option<usize> {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let mut cost = (above[j] + 1).min(row[j - 1] + 1).min(above[j - 1] + usize::from(a[i - 1] != b[j - 1]));
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                cost = cost.min(before[j - 2] + 1);
            }
            row.push(cost);
        }
        before = std::mem::replace(&mut above, row);
    }
    Some(above[b.len()]).filter(|d| *d <= most)
}

/// How many mistakes a word of this length may hold and still be taken for another.
pub fn tolerance(letters: usize) -> usize {
    match letters {
        0..=4 => 0,
        5..=8 => 1,
        _ => 2,
    }
}

/// Words of branches and countries that files misspell often enough to be worth a remark.
const KNOWN: &[&str] = &[
    "advertising",
    "agriculture",
    "automotive",
    "banking",
    "biotechnology",
    "chemicals",
    "construction",
    "consulting",
    "education",
    "electronics",
    "employment",
    "energy",
    "engineering",
    "entertainment",
    "finance",
    "government",
    "healthcare",
    "hospitality",
    "insurance",
    "logistics",
    "manufacturing",
    "marketing",
    "media",
    "medical",
    "mining",
    "pharmaceuticals",
    "retail",
    "services",
    "software",
    "technology",
    "telecommunications",
    "tourism",
    "transport",
    "utilities",
    "wholesale",
    "argentina",
    "australia",
    "austria",
    "belgium",
    "brazil",
    "bulgaria",
    "canada",
    "chile",
    "china",
    "colombia",
    "croatia",
    "denmark",
    "egypt",
    "finland",
    "france",
    "germany",
    "greece",
    "hungary",
    "iceland",
    "india",
    "indonesia",
    "ireland",
    "israel",
    "italy",
    "japan",
    "jordan",
    "kenya",
    "korea",
    "malaysia",
    "mexico",
    "morocco",
    "netherlands",
    "new zealand",
    "nigeria",
    "norway",
    "pakistan",
    "panama",
    "peru",
    "philippines",
    "poland",
    "portugal",
    "romania",
    "russia",
    "saudi arabia",
    "serbia",
    "singapore",
    "slovakia",
    "slovenia",
    "south africa",
    "spain",
    "sweden",
    "switzerland",
    "taiwan",
    "thailand",
    "turkey",
    "ukraine",
    "united kingdom",
    "united states",
    "vietnam",
];

/// The well-known word that this one seems to be a misspelling of.
pub fn misspelt(text: &str) -> Option<&'static str> {
    let word = fold(text);
    let letters = word.chars().count();
    if letters < 6 || KNOWN.contains(&word.as_str()) {
        return None;
    }
    KNOWN.iter().copied().find(|known| distance(&word, known, 1).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compares_loosely() {
        assert_eq!(squeeze("Deal_Stage *"), squeeze("deal stage"));
        assert_eq!(squeeze("GTX Pro"), squeeze("GTXPro"));
        assert_eq!(squeeze("ＧＴＸ　Pro"), "gtxpro");
        assert_eq!(fold("  Acme\u{a0} GmbH "), "acme gmbh");
        assert_eq!(distance("critical", "critcal", 2), Some(1));
        assert_eq!(distance("open", "oepn", 2), Some(1));
        assert_eq!(distance("open", "closed", 2), None);
        assert_eq!(misspelt("technolgy"), Some("technology"));
        assert_eq!(misspelt("Philipines"), Some("philippines"));
        assert_eq!(misspelt("software"), None);
        assert_eq!(misspelt("medicine"), None);
    }
}
