//! Writing a reply or an internal note below its record. The text is a draft until it is saved; a reply leaves by the
//! strip that says to whom and what becomes of the ticket.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use serde_json::Value as Json;

use crate::desk::{self, Answering, News};
use crate::domain::action::{Action, Envelope, Targets};
use crate::domain::blanks;
use crate::domain::kind::KindId;
use crate::tui::command::{Cmd, Scope};
use crate::tui::effect::{Answer, Ask, Out, Question, Tone};
use crate::tui::frame::boxed;
use crate::tui::layer::{Awaits, Layer, LayerMsg, Reply, Shape, Subject};
use crate::tui::line::is_typing;
use crate::tui::screens::draft::{Heard, Keeper};
use crate::tui::screens::form::words;
use crate::tui::screens::record::mention::{Checked, Mentions};
use crate::tui::screens::ticket;
use crate::tui::screens::ticket::canned::Canned;
use crate::tui::screens::ticket::send::{Meanwhile, SendStrip};
use crate::tui::theme::Role;
use crate::tui::ui::Ui;
use crate::tui::widgets::editor::Editor;
use crate::tui::widgets::input::Outcome;
use crate::tui::{paint, show, text};

/// Lines above a reply for what the customer said last: who and when, the words, a line below.
const QUOTED: u16 = 6;
/// Lines that are always left to write in.
const WRITTEN: u16 = 6;

pub(in crate::tui::screens) struct Compose {
    kind: KindId,
    id: i64,
    is_reply: bool,
    editor: Editor,
    keeper: Keeper,
    saving: Option<Ask>,
    /// In the person's own editor.
    lent: Option<Ask>,
    notice: Option<(Role, String)>,
    /// Of a reply: whom it goes to, and what blanks stand for; asked when the editor opens.
    answering: Answering,
    asking: Option<Ask>,
    /// Where the reply goes when the strip was left and comes back.
    envelope: Option<Envelope>,
    /// The reply on its way: what becomes of the ticket.
    leaving: Option<&'static str>,
    /// Of a note: the people that it names.
    mentions: Mentions,
    /// Others wrote meanwhile: the strip comes back with it when it is known what was last.
    meanwhile: Option<Meanwhile>,
}

impl Compose {
    /// A reply in a ticket's conversation; with the text of one that was taken back.
    pub(in crate::tui::screens) fn reply(kind: KindId, id: i64, text: Option<&str>) -> Self {
        let mut compose = Self::new(kind, id, true);
        if let Some(text) = text {
            compose.editor = Editor::new(text);
        }
        compose
    }

    /// An internal note.
    pub(in crate::tui::screens) fn note(kind: KindId, id: i64) -> Self {
        Self::new(kind, id, false)
    }

    fn new(kind: KindId, id: i64, is_reply: bool) -> Self {
        let what = if is_reply { "reply" } else { "note" };
        let keeper = Keeper::new(format!("{kind}:{id}:{what}"));
        Self {
            kind,
            id,
            is_reply,
            editor: Editor::default(),
            keeper,
            saving: None,
            lent: None,
            notice: None,
            answering: Answering::default(),
            asking: None,
            envelope: None,
            leaving: None,
            mentions: Mentions::default(),
            meanwhile: None,
        }
    }

    fn draft(&self) -> Json {
        if self.editor.is_blank() { Json::Null } else { Json::from(self.editor.text()) }
    }

    fn typed(&mut self, outcome: Outcome, ui: &Ui, out: &mut Out) -> bool {
        if outcome == Outcome::Changed {
            self.notice = None;
            self.keeper.changed(out);
        }
        if !self.is_reply {
            self.mentions.typed(&self.editor.word_before(), ui, out);
        }
        outcome != Outcome::Ignored
    }

    fn save(&mut self, ui: &Ui, out: &mut Out) {
        if self.saving.is_some() {
            return;
        }
        if self.editor.is_blank() {
            self.notice = Some((Role::Warn, ui.t("compose-empty")));
            return;
        }
        if self.is_reply {
            self.ask_how(ui, out);
            return;
        }
        let text = self.editor.text().trim_end().to_owned();
        if !self.mentions.is_fine(&text, out) {
            return;
        }
        let action = Action::Comment { text };
        let targets = Targets::Records(self.kind, vec![self.id]);
        self.saving = Some(out.ask(Question::Perform { targets, action }));
    }

    /// A blank that was left open stops the reply; else the strip asks how it leaves.
    fn ask_how(&mut self, ui: &Ui, out: &mut Out) {
        let text = self.editor.text();
        if let Some(blank) = blanks::open(&text).into_iter().next() {
            let said = ui.tr("compose-blank", &[("blank", text[blank.clone()].into())]);
            self.notice = Some((Role::Bad, said));
            self.editor.point(blank.start);
            return;
        }
        let draft = self.draft();
        self.keeper.keep(draft, ui.now, out);
        let envelope = self.envelope.as_ref().unwrap_or(&self.answering.envelope);
        out.push(SendStrip::new(self.id, envelope, self.meanwhile.take()));
    }

    fn send(&mut self, envelope: Envelope, status: &'static str, out: &mut Out) {
        self.envelope = Some(envelope.clone());
        self.leaving = Some(status);
        let action = Action::Reply {
            text: self.editor.text().trim_end().to_owned(),
            mail: Some(envelope),
            status: Some(status.to_owned()),
            seen: Some(self.answering.seen),
        };
        let targets = Targets::Records(self.kind, vec![self.id]);
        self.saving = Some(out.ask(Question::Perform { targets, action }));
    }

    /// A canned answer was chosen: it goes in at the cursor, its blanks filled as far as they are known. At the first one
    /// that is not, the person goes on.
    fn insert(&mut self, body: &str, ui: &Ui, out: &mut Out) {
        let from = self.editor.byte();
        let filled = blanks::fill(body, |name| self.answering.blank(name));
        let outcome = self.editor.paste(&filled);
        self.typed(outcome, ui, out);
        let (to, text) = (self.editor.byte(), self.editor.text());
        if let Some(blank) = blanks::open(&text).into_iter().find(|blank| from <= blank.start && blank.end <= to) {
            self.notice = Some((Role::Accent, ui.tr("compose-fill", &[("blank", text[blank.clone()].into())])));
            self.editor.point(blank.start);
        }
    }

    fn sent(&mut self, ui: &Ui, out: &mut Out) {
        let to = self.envelope.as_ref().map(|e| e.to.as_str()).unwrap_or_default();
        let key = ui.keymap.key(Cmd::Undo);
        let said = if to.is_empty() {
            ui.tr("compose-kept-only", &[("key", key.into())])
        } else {
            ui.tr("compose-sent", &[("to", text::inert(to).into_owned().into()), ("key", key.into())])
        };
        out.say(Tone::Good, said);
        let solved = self.leaving.is_some_and(ticket::is_done);
        out.reply(Reply::Sent { id: self.id, solved });
    }

    fn answer(&mut self, ask: Ask, answer: Answer, ui: &Ui, out: &mut Out) {
        match self.keeper.answered(ask, &answer, out) {
            Heard::No => {}
            Heard::Yes => return,
            Heard::Found(content, _) => {
                // An empty editor takes the draft at once; typed text is not overwritten.
                if self.editor.is_blank() {
                    self.editor = Editor::new(content.as_str().unwrap_or_default());
                    self.notice = Some((Role::Accent, ui.t("compose-restored")));
                }
                return;
            }
        }
        if self.lent.take_if(|lent| *lent == ask).is_some() {
            if let Answer::Edited(edited) = answer {
                match words::edited(edited, ui) {
                    Ok(text) => {
                        self.editor = Editor::new(&text);
                        self.typed(Outcome::Changed, ui, out);
                    }
                    Err(said) => self.notice = Some((Role::Warn, said)),
                }
            }
            return;
        }
        if self.mentions.found(ask, &answer, ui, out) {
            return;
        }
        match self.mentions.checked(ask, &answer) {
            Checked::No => {}
            Checked::Fine => return self.save(ui, out),
            Checked::Unknown(names) => {
                let args = [("names", names.into()), ("key", ui.keymap.key(Cmd::EditorSave).into())];
                self.notice = Some((Role::Warn, ui.tr("mention-unknown", &args)));
                return;
            }
        }
        if self.asking == Some(ask) {
            self.asking = None;
            if let Answer::Answering(Ok(answering)) = answer {
                self.answering = answering;
            }
            if self.meanwhile.is_some() {
                self.ask_how(ui, out);
            }
            return;
        }
        if self.saving != Some(ask) {
            return;
        }
        if let Answer::Outcome(outcome) = answer {
            self.saving = None;
            match outcome {
                Ok(outcome) if outcome.failed.is_empty() => {
                    self.keeper.drop_draft(out);
                    if self.is_reply {
                        self.sent(ui, out);
                    } else {
                        out.say(Tone::Good, ui.t("compose-noted"));
                        out.reply(Reply::Saved(self.kind, self.id));
                    }
                }
                Err(desk::Error::Conflict(conflicts)) => {
                    self.meanwhile = conflicts.into_iter().next().map(|conflict| said_meanwhile(&conflict, ui));
                    self.asking = Some(out.ask(Question::Answering { ticket: self.id }));
                }
                Ok(outcome) => self.notice = outcome.failed.into_iter().next().map(|(_, reason)| (Role::Bad, reason)),
                Err(error) => self.notice = Some((Role::Bad, error.to_string())),
            }
        }
    }
}

impl Compose {
    /// What the customer said last and a line below it, above the reply; the lines that it takes.
    fn quote(&self, frame: &mut Frame, area: Rect, ui: &Ui) -> u16 {
        let room = QUOTED.min(area.height.saturating_sub(WRITTEN));
        let Some(asked) = self.answering.asked.as_ref().filter(|_| room > 2) else { return 0 };
        let who = asked.by.as_deref().map_or_else(|| ui.t("somebody"), |by| text::inert(by).into_owned());
        let when = show::instant(asked.at, ui.now, ui.cx.viewer.zone, ui.lang());
        let head = Line::from(vec![
            Span::styled("◂ ", ui.style(Role::Accent)),
            Span::styled(who, ui.style(Role::Title)),
            Span::styled(format!("  {when}"), ui.style(Role::Dim)),
        ]);
        let wide = usize::from(area.width);
        let mut lines = text::wrap(asked.body.trim(), wide.saturating_sub(4));
        // Blank lines would push out what there is to read.
        lines.retain(|line| !line.trim().is_empty());
        let shown = lines.len().min(usize::from(room) - 2);
        let is_cut = lines.len() > shown;
        let body = lines.into_iter().take(shown).enumerate().map(|(at, line)| {
            let tail = if is_cut && at + 1 == shown { " …" } else { "" };
            Line::styled(format!("  {line}{tail}"), ui.style(Role::Text))
        });
        let rule = Line::styled("─".repeat(wide), ui.style(Role::Border));
        let mut used = 0;
        for line in std::iter::once(head).chain(body).chain([rule]) {
            paint::line(frame.buffer_mut(), line, Rect { y: area.y + used, height: 1, ..area });
            used += 1;
        }
        used
    }
}

/// Who wrote what while the reply was written.
fn said_meanwhile(conflict: &desk::Conflict, ui: &Ui) -> Meanwhile {
    let by = if conflict.by.is_empty() { ui.t("somebody") } else { text::inert(&conflict.by).into_owned() };
    let at = conflict.at.map(|at| show::instant(at, ui.now, ui.cx.viewer.zone, ui.lang())).unwrap_or_default();
    let body = conflict.theirs.as_str().unwrap_or_default().to_owned();
    Meanwhile { head: ui.tr("send-meanwhile", &[("by", by.into()), ("at", at.into())]), body }
}

impl Layer for Compose {
    fn scopes(&self) -> &'static [Scope] {
        if self.is_reply {
            &[Scope::Reply, Scope::Editor, Scope::Everywhere]
        } else {
            &[Scope::Editor, Scope::Everywhere]
        }
    }

    fn shape(&self) -> Shape {
        // What the customer said last stands above what is written, also where the box covers the conversation.
        let quotes = self.asking.is_some() || self.answering.asked.is_some();
        Shape::Strip { height: if quotes { 12 + QUOTED } else { 12 } }
    }

    fn update(&mut self, msg: LayerMsg, ui: &Ui, out: &mut Out) {
        match msg {
            LayerMsg::Shown { .. } => {
                self.keeper.load(out);
                if self.is_reply && self.asking.is_none() && self.answering == Answering::default() {
                    self.asking = Some(out.ask(Question::Answering { ticket: self.id }));
                }
                // A text that was given back is kept as one just typed.
                if !self.editor.is_blank() {
                    self.keeper.changed(out);
                }
            }
            LayerMsg::Command(Cmd::EditorSave | Cmd::ReplySend) => self.save(ui, out),
            LayerMsg::Command(Cmd::EditorOwn) if self.saving.is_none() => {
                let draft = self.draft();
                self.keeper.keep_now(draft, ui.now, out);
                self.lent = Some(out.edit(self.editor.text()));
            }
            LayerMsg::Command(Cmd::EditorCanned) => {
                out.push(Canned::new(&self.answering.subject, ui));
            }
            LayerMsg::Reply(Reply::Text(body)) => self.insert(&body, ui, out),
            LayerMsg::Reply(Reply::Send(envelope, status)) => self.send(envelope, status, out),
            LayerMsg::Command(Cmd::EditorLeave) => {
                if !self.editor.is_blank() {
                    out.say(Tone::Info, ui.t("compose-kept"));
                }
                let draft = self.draft();
                self.keeper.keep_now(draft, ui.now, out);
                out.close();
            }
            LayerMsg::Answer(ask, answer) => self.answer(ask, answer, ui, out),
            LayerMsg::Wake(ask) if self.keeper.woken(ask) => {
                let draft = self.draft();
                self.keeper.keep(draft, ui.now, out);
            }
            LayerMsg::News(News::Line(true)) => {
                self.keeper.doubt();
                let draft = self.draft();
                self.keeper.keep(draft, ui.now, out);
            }
            _ => {}
        }
    }

    fn key(&mut self, key: KeyEvent, ui: &Ui, out: &mut Out) -> bool {
        let is_typing = is_typing(key);
        if self.saving.is_some() || self.mentions.is_checking() {
            return is_typing;
        }
        let outcome = self.editor.on_key(key);
        self.typed(outcome, ui, out) || is_typing
    }

    fn paste(&mut self, text: &str, ui: &Ui, out: &mut Out) -> bool {
        let outcome = self.editor.paste(text);
        self.typed(outcome, ui, out)
    }

    fn view(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        let code = ui.registry.kind(self.kind).code(self.id);
        let title = if self.is_reply {
            ui.tr("compose-reply-to", &[("code", code.into())])
        } else {
            ui.tr("compose-note-on", &[("code", code.into())])
        };
        let block = boxed(format!(" {title} "), true, ui);
        let inner = block.inner(area);
        frame.render_widget(block, area);
        if inner.height == 0 || inner.width < 6 {
            return;
        }
        let body = Rect { x: inner.x + 1, width: inner.width - 2, ..inner };
        let quoted = self.quote(frame, body, ui);
        let mut body = Rect { y: body.y + quoted, height: body.height - quoted, ..body };
        let people = self.mentions.people().map(|people| (Role::Accent, people));
        if let Some((role, notice)) = self.notice.as_ref().map(|(role, said)| (*role, said.as_str())).or(people)
            && body.height > 1
        {
            body.height -= 1;
            let line = text::cut(notice, usize::from(body.width)).into_owned();
            frame.buffer_mut().set_string(body.x, body.bottom(), line, ui.style(role));
        }
        let cursor = self.editor.render(body, frame.buffer_mut(), ui.style(Role::Text));
        frame.set_cursor_position(cursor);
    }

    fn subject(&self) -> Subject {
        Subject { kind: Some(self.kind), record: Some(self.id), marked: 0 }
    }

    fn awaits(&self) -> Awaits {
        // Text may be typed at once; the keys that send wait until it is known to whom.
        if self.meanwhile.is_some() {
            Awaits::Box
        } else if self.asking.is_some() || self.saving.is_some() || self.mentions.is_checking() {
            Awaits::Content
        } else {
            Awaits::Nothing
        }
    }

    fn shows(&self, kind: KindId, id: i64) -> bool {
        (kind, id) == (self.kind, self.id)
    }

    fn is_unsaved(&self) -> bool {
        !self.editor.is_blank()
    }

    fn keep_now(&mut self, ui: &Ui, out: &mut Out) {
        let draft = self.draft();
        self.keeper.keep_now(draft, ui.now, out);
    }

    fn attends(&self) -> Option<(KindId, i64, bool)> {
        Some((self.kind, self.id, true))
    }
}
