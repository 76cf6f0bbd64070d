//! How a person puts right what an import refuses: the command line has flags for it, the screen keys.

/// Half sentences that end the reasons of an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remedies {
    /// How a column is given its field.
    pub map: String,
    /// How rows update records that are there already.
    pub matching: String,
    /// How records that rows name and that are not there are made.
    pub create_refs: String,
}

impl Remedies {
    pub fn flags() -> Self {
        Self {
            map: "say what goes where with --map COLUMN=FIELD".into(),
            matching: "--match updates records that are there already".into(),
            create_refs: "add --create-refs".into(),
        }
    }

    /// The keys of a screen, as people read them.
    pub fn keys(take: &str, matching: &str, create_refs: &str) -> Self {
        Self {
            map: format!("say what goes where: {take} on a column's line"),
            matching: format!("{matching} updates records that are there already"),
            create_refs: format!("press {create_refs}"),
        }
    }
}
