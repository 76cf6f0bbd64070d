//! Questions of the screens, put to the desk: one answer each, in any case.

use std::future::Future;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::mpsc;

use super::effect::{Answer, Ask, Question};
use super::msg::Msg;
use super::seat::panic_on_request;
use crate::desk::{self, Cx, Desk};
use crate::domain::change::Door;

/// Puts a question to the desk and posts the answer.
pub(super) async fn put(desk: Desk, post: mpsc::UnboundedSender<Msg>, ask: Ask, cx: Cx, question: Question) {
    let progress = |done| drop(post.send(Msg::Answer(ask, Answer::Progress(done))));
    let answer = answer(&desk, &cx, question, &progress).await;
    // The seat may have left meanwhile.
    post.send(Msg::Answer(ask, answer)).ok();
}

/// The desk's answer in any case: a panic on the way is one answer that failed, and the log has told where. Boxed, since
/// there are as many kinds of futures as questions, some of them large.
fn whole<'a, T: 'a>(
    cx: &'a Cx,
    answer: impl Future<Output = desk::Result<T>> + Send + 'a,
) -> BoxFuture<'a, desk::Result<T>> {
    let asked = async {
        panic_on_request("a question");
        answer.await
    };
    let broken = |_| Err(desk::Error::internal(cx.viewer.lang));
    AssertUnwindSafe(asked).catch_unwind().map(move |answer| answer.unwrap_or_else(broken)).boxed()
}

/// What the desk says to a question.
async fn answer(desk: &Desk, cx: &Cx, question: Question, progress: &(dyn Fn(u64) + Send + Sync)) -> Answer {
    match question {
        Question::Page { kind, query, from, limit } => {
            Answer::Page(whole(cx, desk.page(cx, kind, &query, &from, limit)).await)
        }
        Question::Count { kind, query } => Answer::Count(whole(cx, desk.count(cx, kind, &query)).await),
        Question::Groups { kind, query } => Answer::Groups(whole(cx, desk.groups(cx, kind, &query)).await),
        Question::Metric { ask } => Answer::Metric(whole(cx, desk.metric(cx, &ask)).await),
        Question::Board { pipeline, query } => Answer::Board(whole(cx, desk.board(cx, pipeline, &query)).await),
        Question::Read { kind, ids } => Answer::Records(whole(cx, desk.read(cx, kind, &ids)).await),
        Question::Look { kind, query, ids, is_own } => {
            Answer::Looked(whole(cx, desk.look(cx, kind, &query, &ids, is_own)).await)
        }
        Question::Timeline { kind, id, before, limit } => {
            Answer::Timeline(whole(cx, desk.timeline(cx, kind, id, before, limit)).await)
        }
        Question::History { kind, id } => Answer::History(whole(cx, desk.history(cx, kind, id)).await),
        Question::Perform { targets, action } => {
            Answer::Outcome(whole(cx, desk.perform(cx, &targets, &action, progress)).await)
        }
        Question::Preview { targets, action } => Answer::Preview(whole(cx, desk.preview(cx, &targets, &action)).await),
        Question::Undo { operation } => Answer::Outcome(whole(cx, desk.undo(cx, operation)).await),
        Question::Redo => Answer::Outcome(whole(cx, desk.redo(cx)).await),
        Question::Undoable => Answer::Undoable(whole(cx, desk.undoable(cx)).await),
        Question::Find { text, kinds, limit } => Answer::Hits(whole(cx, desk.find(cx, &text, &kinds, limit)).await),
        Question::Twins { record } => Answer::Twins(whole(cx, desk.twins(cx, &record)).await),
        Question::Elsewhere { record } => Answer::Elsewhere(whole(cx, desk.elsewhere(cx, &record)).await),
        Question::Values { kind, field, prefix } => {
            Answer::Values(whole(cx, desk.values(cx, kind, &field, &prefix)).await)
        }
        Question::Unknown { text } => Answer::Values(whole(cx, desk.unknown_logins(cx, &text)).await),
        Question::AddField { kind, field } => Answer::Done(whole(cx, desk.add_field(cx, kind, field)).await),
        Question::Attend { record, typing } => Answer::Done(whole(cx, desk.attend(cx, record, typing)).await),
        Question::Present => Answer::Present(whole(cx, desk.present(cx)).await),
        Question::Answering { ticket } => Answer::Answering(whole(cx, desk.answering(cx, ticket)).await),
        Question::Outgoing { ticket } => Answer::Outgoing(whole(cx, desk.outgoing(cx, ticket)).await),
        Question::Filing { ticket } => Answer::Filing(whole(cx, desk.filing(cx, ticket)).await),
        Question::Inbox { only_unread } => Answer::Inbox(whole(cx, desk.inbox(cx, only_unread)).await),
        Question::Import { file, options } => {
            let cx = Cx { door: Door::Import, ..cx.clone() };
            Answer::Import(match tokio::fs::File::open(&file).await {
                Ok(open) => {
                    let open = open.into_std().await;
                    let tell = |p: desk::import::Progress| progress(p.done);
                    whole(&cx, desk.import(&cx, open, &options, None, &tell)).await.map(Box::new)
                }
                Err(error) => {
                    let reason = format!("{}: {error}", file.display());
                    Err(desk::Error::Invalid { field: String::new(), reason })
                }
            })
        }
        Question::Roles => Answer::Roles(whole(cx, desk.roles(cx)).await),
        Question::Standing { person, about } => {
            Answer::Standing(whole(cx, desk.standing_of(cx, person, Some(about))).await)
        }
        Question::SetRole { role, grant } => Answer::Told(whole(cx, desk.set_role(cx, &role, &grant)).await),
        Question::UndoRole { role } => Answer::Told(whole(cx, desk.undo_role(cx, &role)).await),
        Question::NewRole { role, like } => Answer::Done(whole(cx, desk.new_role(cx, &role, &like)).await),
        Question::DeleteRole { role } => Answer::Done(whole(cx, desk.delete_role(cx, &role)).await),
        Question::Seats => Answer::Seats(whole(cx, desk.seats(cx)).await),
        Question::EndSeats { which, why } => Answer::SeatsEnded(whole(cx, desk.end_seats(cx, &which, &why)).await),
        Question::Announce { said } => Answer::Done(whole(cx, desk.announce(cx, &said)).await),
        Question::Renew => {
            let renewed = async { desk.renew(cx).await.map(|cx| Box::new((cx.clone(), desk.registry_for(&cx)))) };
            Answer::Me(whole(cx, renewed).await)
        }
        Question::Watch { targets, on } => Answer::Watched(whole(cx, desk.watch(cx, &targets, on)).await),
        Question::People => Answer::People(whole(cx, desk.people(cx, None)).await),
        Question::Invite { login } => Answer::Invited(whole(cx, desk.invite(cx, &login, desk::INVITATION_LASTS)).await),
        Question::WithdrawInvite { login } => Answer::Done(whole(cx, desk.withdraw_invite(cx, &login)).await),
        Question::DropFactor { login } => Answer::Done(whole(cx, desk.drop_factor(cx, &login)).await),
        Question::SetAway { login, absence } => {
            let said = async { desk.set_away(cx, &login, absence).await.map(|said| vec![said]) };
            Answer::Told(whole(cx, said).await)
        }
        Question::HandOver { from, to } => {
            let handed = async { desk.hand_over(cx, from, &to).await.map(|(outcome, _)| outcome) };
            Answer::Outcome(whole(cx, handed).await)
        }
        Question::Unread => Answer::Unread(whole(cx, desk.unread(cx)).await),
        Question::Announcements => Answer::Announcements(whole(cx, desk.announcements(cx)).await),
        Question::MarkNotices { ids, read } => {
            Answer::Marked(whole(cx, desk.mark_notices(cx, ids.as_deref(), read)).await)
        }
        Question::SaveDraft { key, draft } => Answer::Done(whole(cx, desk.save_draft(cx, &key, &draft)).await),
        Question::Draft { key } => Answer::Json(whole(cx, desk.draft(cx, &key)).await),
        Question::Setting { key } => Answer::Json(whole(cx, desk.setting(cx, &key)).await),
        Question::KeepSetting { key, value } => Answer::Done(whole(cx, desk.keep_setting(cx, &key, &value)).await),
    }
}
