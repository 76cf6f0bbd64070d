//! The import screen driven by keys: what it asks the desk, and what it says of the answers.

use super::*;
use crate::desk::import::{Offer, Reject};
use crate::desk::{self, Outcome, Undid, Undoable};
use crate::domain::field::Lang;
use crate::domain::kind::CONTACT;
use crate::tui::stage::{Stage, now, office};

/// What became of a file of three columns and as many refused rows.
fn report(options: &Options, refused: u64) -> Report {
    let column = |column: &str, field: Option<&str>, by| ColumnReport {
        column: column.into(),
        field: field.map(str::to_owned),
        by,
    };
    let reject = |n| Reject {
        line: n + 2,
        reason: format!(
            "Company: no company is called “Acme GmbH”; import it first, or {} to make it",
            options.remedies.create_refs
        ),
    };
    Report {
        kind: "contact".into(),
        rows: 3 + refused,
        created: 3,
        rejected: refused,
        columns: vec![
            column("Rufname", None, "unknown"),
            column("Mail", Some("email"), "name"),
            column("Shoe size", None, "unknown"),
        ],
        offered: vec![Offer {
            column: "Shoe size".into(),
            name: "shoe_size".into(),
            ty: "int",
            filled: 3,
            samples: vec!["41".into()],
            map: String::new(),
        }],
        rejects: (0..refused).map(reject).take(options.refusals).collect(),
        encoding: "UTF-8".into(),
        delimiter: ',',
        header_line: 1,
        fingerprint: 77,
        operation: (!options.dry_run).then_some(7),
        dry_run: options.dry_run,
        ..Report::default()
    }
}

fn stage_of(lang: Lang, refused: u64) -> Stage {
    let mut stage = Stage::new(lang, 80, 24, office());
    stage.answers = Box::new(move |question| match question {
        Question::Import { options, .. } => Some(Answer::Import(Ok(Box::new(report(options, refused))))),
        Question::Undoable => Some(Answer::Undoable(Ok(Some(Undoable {
            operation: 7,
            action: "import".into(),
            what: "Undo the import of 3 contacts".into(),
            records: Vec::new(),
            stays: None,
        })))),
        Question::Undo { .. } | Question::Redo => Some(Answer::Outcome(Ok(Outcome {
            done: 3,
            operation: Some(8),
            undid: Some(Box::new(Undid {
                operation: if matches!(question, Question::Redo) { 8 } else { 7 },
                action: "import".into(),
                by: "ana".into(),
                door: "tui".into(),
                at: now(),
                records: vec![(CONTACT, 3)],
                title: String::new(),
                draft: None,
            })),
            ..Outcome::default()
        }))),
        _ => None,
    });
    stage.keys("g c ctrl-k").text(if lang == Lang::En { "import a file" } else { "导入文件" });
    stage.keys("enter").text("people.csv").keys("enter");
    stage
}

fn asked(stage: &Stage) -> Vec<Options> {
    let options = |question: &Question| match question {
        Question::Import { options, .. } => Some(options.as_ref().clone()),
        _ => None,
    };
    stage.asked.iter().filter_map(|(_, question)| options(question)).collect()
}

#[test]
fn a_pasted_path_loses_its_quotes_and_a_tilde_is_home() {
    assert_eq!(path("'/tmp/a b.csv'"), PathBuf::from("/tmp/a b.csv"));
    assert!(path("~/people.csv").is_absolute());
    assert_eq!(path("people.csv"), PathBuf::from("people.csv"));
}

#[test]
fn what_is_refused_names_the_keys_of_the_screen() {
    let mut stage = stage_of(Lang::En, 2);
    let screen = stage.screen();
    assert!(screen.contains("Enter imports: 3 new, 2 refused") && !screen.contains("--"), "{screen}");
    let options = asked(&stage).pop().expect("it was tried");
    let Remedies { map, matching, create_refs } = &options.remedies;
    assert!([map, matching, create_refs].iter().all(|said| !said.contains("--")), "{:?}", options.remedies);
    assert_eq!(create_refs, "press r");
    // The key does what is said of it, and again takes it back.
    stage.keys("r");
    assert!(asked(&stage).pop().is_some_and(|options| options.create_refs && options.dry_run));
    stage.keys("r m");
    assert!(asked(&stage).pop().is_some_and(|options| !options.create_refs));
    assert!(stage.screen().contains("Update the record with the same"), "{}", stage.screen());
    stage.keys("2");
    assert_eq!(asked(&stage).pop().map(|options| options.matching), Some(vec!["email".to_owned()]));
}

#[test]
fn a_field_is_found_by_any_of_its_names() {
    for (lang, typed, label) in
        [(Lang::En, "first", "Given name"), (Lang::En, "vorname", "Given name"), (Lang::Zh, "first", "名")]
    {
        let mut stage = stage_of(lang, 0);
        stage.keys("g g j j j j j enter").text(typed).keys("enter");
        let map = asked(&stage).pop().map(|options| options.map);
        assert_eq!(map, Some(vec!["#1=given_name".to_owned()]), "{typed} is {label}: {}", stage.screen());
    }
}

#[test]
fn every_refused_row_is_reached_and_read_whole() {
    let mut stage = stage_of(Lang::En, 300);
    assert!(!stage.screen().contains("line 301"));
    stage.keys("G");
    let screen = stage.screen();
    assert!(screen.contains("✗ line 301") && screen.contains("308/308"), "{screen}");
    // The end of the sentence stands below the rows.
    assert!(screen.contains("press r to make it"), "{screen}");
    stage.keys("g g");
    assert!(!stage.screen().contains("press r to make it"), "{}", stage.screen());
}

#[test]
fn what_was_taken_back_is_not_called_done() {
    for (lang, done, undone) in [
        (Lang::En, "Done: 3 new", "Taken back: nothing of this import is left"),
        (Lang::Zh, "完成", "已撤销：这次导入"),
    ] {
        let mut stage = stage_of(lang, 0);
        stage.keys("ctrl-s");
        assert!(stage.screen().contains(done), "{}", stage.screen());
        stage.keys("u u");
        assert!(stage.screen().contains(undone) && !stage.screen().contains(done), "{}", stage.screen());
        stage.keys("ctrl-r");
        assert!(stage.screen().contains(done), "{}", stage.screen());
        // Enter tries the file anew, without writing.
        stage.keys("u u g g enter");
        assert!(asked(&stage).last().is_some_and(|options| options.dry_run));
        assert!(!stage.screen().contains(undone), "{}", stage.screen());
    }
}

#[test]
fn a_file_that_was_changed_meanwhile_is_looked_at_again() {
    let mut stage = stage_of(Lang::En, 0);
    let mut others = std::mem::replace(&mut stage.answers, Box::new(|_| None));
    stage.answers = Box::new(move |question| match question {
        Question::Import { options, .. } if !options.dry_run => {
            let reason = "The file was changed after it was looked at.".to_owned();
            Some(Answer::Import(Err(desk::Error::Invalid { field: String::new(), reason })))
        }
        question => others(question),
    });
    stage.keys("ctrl-s");
    let asked = asked(&stage);
    let [.., real, again] = asked.as_slice() else { panic!("both were asked") };
    assert_eq!((real.dry_run, real.looked_at), (false, Some(77)));
    assert_eq!((again.dry_run, again.looked_at), (true, None));
    let screen = stage.screen();
    assert!(screen.contains("The file was changed after") && screen.contains("Enter imports: 3 new"), "{screen}");
}
