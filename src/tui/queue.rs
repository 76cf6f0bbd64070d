//! What a seat has done in the order it was asked: what it writes about itself – drafts, where it is, its settings –
//! since a draft that was thrown away must not come back because an earlier save was slower; and what it does to records.

use std::future::Future;

use tokio::sync::mpsc;

use super::effect::Question;

/// True for questions of which a later one overrules an earlier one.
pub(super) fn is_ordered(question: &Question) -> bool {
    matches!(
        question,
        Question::SaveDraft { .. }
            | Question::Attend { .. }
            | Question::KeepSetting { .. }
            | Question::MarkNotices { .. }
            | Question::Watch { .. }
    )
}

/// True for what changes records, and what depends on it: `u` right behind a key that changes something means that
/// change, not the one before it.
pub(super) fn is_deed(question: &Question) -> bool {
    match question {
        Question::Import { options, .. } => !options.dry_run,
        _ => matches!(question, Question::Perform { .. } | Question::Undo { .. } | Question::Redo | Question::Undoable),
    }
}

/// Work done one after the other. What was given is done even when the giver is gone.
pub(super) struct Queue<T>(mpsc::UnboundedSender<T>);

impl<T: Send + 'static> Queue<T> {
    /// Starts the task that does the work.
    pub(super) fn new<F, Done>(mut work: F) -> Self
    where
        F: FnMut(T) -> Done + Send + 'static,
        Done: Future<Output = ()> + Send + 'static,
    {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Some(item) = receiver.recv().await {
                // In a task of its own, so that a panic takes one item with it and not all that follow.
                tokio::spawn(work(item)).await.ok();
            }
        });
        Self(sender)
    }

    pub(super) fn give(&self, item: T) {
        // The task outlives the giver unless the process is ending.
        self.0.send(item).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn slow_work_is_not_overtaken() {
        let (done, mut seen) = mpsc::unbounded_channel();
        let queue = Queue::new(move |turns: usize| {
            let done = done.clone();
            async move {
                for _ in 0..turns {
                    tokio::task::yield_now().await;
                }
                done.send(turns).ok();
            }
        });
        for turns in [50, 3, 0] {
            queue.give(turns);
        }
        drop(queue);
        let mut order = Vec::new();
        while let Some(turns) = seen.recv().await {
            order.push(turns);
        }
        assert_eq!(order, [50, 3, 0]);
    }

    #[test]
    fn a_draft_and_its_drop_are_ordered_reading_is_not() {
        let key = || "contact:new".to_owned();
        assert!(is_ordered(&Question::SaveDraft { key: key(), draft: serde_json::Value::Null }));
        assert!(is_ordered(&Question::Attend { record: None, typing: false }));
        assert!(is_ordered(&Question::KeepSetting { key: key(), value: serde_json::Value::Null }));
        assert!(!is_ordered(&Question::Draft { key: key() }));
        assert!(is_deed(&Question::Redo) && !is_deed(&Question::Present));
    }
}
