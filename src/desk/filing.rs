//! Filing a ticket in four keys: what there is to choose, each with the letter it keeps, and what is likely.

use pinyin::ToPinyin;

use super::rights;
use super::{Cx, Desk, Result, failed};
use crate::domain::kind::TICKET;
use crate::domain::right::Verb;
use crate::store::{self, filing};

/// What a ticket is filed by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filing {
    pub categories: Vec<Category>,
    /// The active people of the person's teams; who is in no team chooses among all.
    pub agents: Vec<Agent>,
    /// What similar tickets got.
    pub likely: Option<Likely>,
}

/// A category in use, in the order of the letters. A letter is given once and never moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    pub letter: char,
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    pub letter: char,
    pub id: i64,
    pub name: String,
    /// Open tickets, counted to 999.
    pub load: u64,
}

/// The category that most of the tickets have that share the subject's rarest words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Likely {
    pub category: String,
    /// So many of `of` have it.
    pub n: u64,
    pub of: u64,
    pub words: Vec<String>,
}

impl Filing {
    /// Whoever has the fewest open tickets; of several the first by letter.
    pub fn least_busy(&self) -> Option<&Agent> {
        self.agents.iter().min_by_key(|agent| (agent.load, agent.letter))
    }
}

impl Desk {
    /// What a ticket is filed by: categories and people with the letters they keep, and what is likely. Gives letters
    /// to those that have none.
    pub async fn filing(&self, cx: &Cx, ticket: i64) -> Result<Filing> {
        let registry = self.registry_for(cx);
        rights::may(&cx.viewer, registry.kind(TICKET), Verb::Edit)?;
        let lost = |e| failed(cx.viewer.lang, e);
        let mut tx = self.read_tx(cx).await?;
        // Categories are filed by where the person sees them.
        let is_filed = registry.kind(TICKET).field("category").is_some();
        let used = if is_filed { filing::categories(&mut tx).await.map_err(lost)? } else { Vec::new() };
        let agents = filing::agents(&mut tx, &cx.viewer.me.teams).await.map_err(lost)?;
        // Words of tickets are not read where fields of theirs are hidden.
        let is_open = !registry.kind(TICKET).hides;
        let likely = if is_open { filing::likely(&mut tx, ticket).await.map_err(lost)? } else { None };
        let letters = if is_filed { filing::letters(&mut tx, "category").await } else { Ok(Vec::new()) };
        let mut categories = letters.map_err(lost)?;
        let mut people = filing::letters(&mut tx, "owner").await.map_err(lost)?;
        drop(tx);
        let new: Vec<&String> = used.iter().filter(|name| !categories.iter().any(|(had, _)| had == *name)).collect();
        let come: Vec<&filing::Agent> =
            agents.iter().filter(|a| !people.iter().any(|(id, _)| *id == a.id.to_string())).collect();
        if !new.is_empty() || !come.is_empty() {
            // Letters are nobody's deed: they have no history.
            let mut tx = self.quiet_tx(cx).await?;
            for name in new {
                let letter = filing::take_letter(&mut tx, "category", name, &wanted(name)).await.map_err(lost)?;
                categories.extend(letter.map(|letter| (name.clone(), letter)));
            }
            for agent in come {
                let id = agent.id.to_string();
                let letter = filing::take_letter(&mut tx, "owner", &id, &wanted(&agent.name)).await.map_err(lost)?;
                people.extend(letter.map(|letter| (id, letter)));
            }
            tx.commit().await.map_err(lost)?;
        }
        let mut filing = Filing {
            categories: categories
                .into_iter()
                .filter_map(|(name, letter)| Some(Category { letter: letter.chars().next()?, name }))
                .collect(),
            agents: agents.into_iter().filter_map(|agent| lettered(agent, &people)).collect(),
            likely: likely.map(found),
        };
        filing.categories.sort_by_key(|c| order(c.letter));
        filing.agents.sort_by_key(|a| order(a.letter));
        Ok(filing)
    }
}

fn lettered(agent: filing::Agent, letters: &[(String, String)]) -> Option<Agent> {
    let id = agent.id.to_string();
    let letter = letters.iter().find(|(value, _)| *value == id)?.1.chars().next()?;
    Some(Agent { letter, id: agent.id, name: agent.name, load: u64::try_from(agent.load).unwrap_or(0) })
}

fn found(likely: store::filing::Likely) -> Likely {
    let count = |n| u64::try_from(n).unwrap_or(0);
    Likely { category: likely.category, n: count(likely.n), of: count(likely.of), words: likely.words }
}

/// `a A b B …`, digits last.
fn order(letter: char) -> (bool, char, bool) {
    (letter.is_ascii_digit(), letter.to_ascii_lowercase(), letter.is_ascii_uppercase())
}

/// The letters that a name would like, best first: the beginnings of its words, its other letters, then the alphabet,
/// then capitals. Han characters count by their sound.
fn wanted(name: &str) -> Vec<String> {
    let mut heads = Vec::new();
    let mut rest = Vec::new();
    for word in name.split(|c: char| !c.is_alphanumeric()) {
        for (place, c) in word.chars().enumerate() {
            let sound = c.to_pinyin().map(pinyin::Pinyin::plain);
            let letters: Vec<char> = sound.map_or_else(|| c.to_lowercase().collect(), |s| s.chars().collect());
            for (at, letter) in letters.into_iter().enumerate() {
                let is_head = at == 0 && (place == 0 || sound.is_some());
                if is_head { heads.push(letter) } else { rest.push(letter) }
            }
        }
    }
    let mut letters: Vec<String> = Vec::new();
    for letter in heads.into_iter().chain(rest).chain('a'..='z').chain('A'..='Z') {
        if letter.is_ascii_alphabetic() && !letters.iter().any(|had| had.starts_with(letter)) {
            letters.push(letter.to_string());
        }
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_want_their_own_letters_first() {
        let first = |name: &str, n: usize| wanted(name).into_iter().take(n).collect::<String>();
        assert_eq!(first("App login", 4), "alpo");
        assert_eq!(first("发票", 2), "fp");
        assert_eq!(first("Ölwechsel", 3), "lwe");
        assert_eq!(wanted("").len(), 52);
        assert!(wanted("Zoë Z").iter().all(|l| l.len() == 1), "letters a terminal always has");
    }

    #[test]
    fn the_least_busy_is_the_first_of_equals() {
        let agent = |letter, load| Agent { letter, id: load as i64, name: String::new(), load };
        let filing = Filing { agents: vec![agent('c', 3), agent('b', 2), agent('a', 2)], ..Filing::default() };
        assert_eq!(filing.least_busy().map(|a| a.letter), Some('a'));
    }
}
