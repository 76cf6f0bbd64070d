//! A small form that gives a kind one more field.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;

use super::words;
use crate::desk;
use crate::domain::field::{Choice, Field, FieldType, Label, choices};
use crate::domain::kind::{COMPANY, CONTACT, DEAL, KindId, PRODUCT, TICKET, USER};
use crate::domain::value::Value;
use crate::tui::command::{Cmd, Scope};
use crate::tui::effect::{Answer, Ask, Out, Question, Tone};
use crate::tui::frame::boxed;
use crate::tui::layer::{Layer, LayerMsg, Shape, Subject};
use crate::tui::line::is_typing;
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::ui::Ui;
use crate::tui::widgets::form::Form;

/// The kinds that a field can refer to.
const KINDS: [KindId; 6] = [COMPANY, CONTACT, DEAL, TICKET, PRODUCT, USER];

pub struct FieldForm {
    kind: KindId,
    form: Form,
    saving: Option<(Ask, String, String)>,
    notice: Option<(Role, String)>,
}

impl FieldForm {
    pub fn new(kind: KindId, ui: &Ui) -> Self {
        let types = choices(&[
            ("text", "Text", "文本"),
            ("long_text", "Long text", "长文本"),
            ("choice", "Choice", "选项"),
            ("int", "Whole number", "整数"),
            ("decimal", "Number", "数字"),
            ("money", "Money", "金额"),
            ("bool", "Yes or no", "是否"),
            ("day", "Day", "日期"),
            ("instant", "Date and time", "日期时间"),
            ("email", "Email", "邮箱"),
            ("phone", "Phone", "电话"),
            ("url", "Web address", "网址"),
            ("ref", "Another record", "关联记录"),
        ]);
        let kinds = KINDS.iter().map(|&id| Choice { code: id.0.into(), label: ui.registry.kind(id).one.clone() });
        let field = |name: &str, en: &str, zh: &str, ty| Field::custom(name, Label::new(en, zh), ty);
        let mut label = field("label", "Label", "显示名称", FieldType::Text);
        let mut ty = field("type", "Type", "类型", types);
        (label.required, ty.required) = (true, true);
        let rows = vec![
            (label, Value::Null),
            (field("name", "Name in filters", "筛选用名", FieldType::Text), Value::Null),
            (ty, Value::Choice("text".into())),
            (field("choices", "Choices", "选项", FieldType::Text), Value::Null),
            (field("kind", "Refers to", "关联到", FieldType::Choice(kinds.collect())), Value::Null),
            (field("required", "Required", "必填", FieldType::Bool), Value::Bool(false)),
            (field("indexed", "Often filtered by", "常用于筛选", FieldType::Bool), Value::Bool(false)),
        ];
        let form = Form::new(rows, words::context(ui), words::words(ui));
        Self { kind, form, saving: None, notice: None }
    }

    fn text(&self, field: &str) -> String {
        self.form.value(field).and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
    }

    fn is_on(&self, field: &str) -> bool {
        self.form.value(field) == Some(Value::Bool(true))
    }

    /// The field as entered; what is missing is said beside its row.
    fn field(&mut self, ui: &Ui) -> Option<Field> {
        if !self.form.check() {
            return None;
        }
        let label = self.text("label");
        let given = self.text("name");
        let name = named(if given.is_empty() { &label } else { &given });
        if name.is_empty() {
            self.form.refuse("name", &ui.t("field-name-needed"));
            return None;
        }
        let ty = match self.text("type").as_str() {
            "long_text" => FieldType::LongText,
            "email" => FieldType::Email,
            "phone" => FieldType::Phone,
            "url" => FieldType::Url,
            "int" => FieldType::Int,
            "decimal" => FieldType::Decimal,
            "money" => FieldType::Money { currency: "currency".into() },
            "bool" => FieldType::Bool,
            "day" => FieldType::Day,
            "instant" => FieldType::Instant,
            "choice" => {
                let typed = self.text("choices");
                let words = typed.split([',', '，', '、', ';', '；']).map(str::trim).filter(|w| !w.is_empty());
                let list: Vec<Choice> = words.map(|w| Choice { code: w.into(), label: Label::new(w, w) }).collect();
                if list.is_empty() {
                    self.form.refuse("choices", &ui.t("field-choices-needed"));
                    return None;
                }
                FieldType::Choice(list)
            }
            "ref" => {
                let wanted = self.text("kind");
                let Some(&kind) = KINDS.iter().find(|k| k.0 == wanted) else {
                    self.form.refuse("kind", &ui.t("field-kind-needed"));
                    return None;
                };
                FieldType::Ref(kind)
            }
            _ => FieldType::Text,
        };
        let mut field = Field::custom(&name, Label::new(&label, &label), ty);
        field.required = self.is_on("required");
        field.indexed = self.is_on("indexed");
        Some(field)
    }

    fn save(&mut self, ui: &Ui, out: &mut Out) {
        if self.saving.is_some() {
            return;
        }
        if let Some(field) = self.field(ui) {
            let (name, label) = (field.name.clone(), field.label.get(ui.lang()).to_owned());
            let ask = out.ask(Question::AddField { kind: self.kind, field });
            self.saving = Some((ask, name, label));
        }
    }

    fn saved(&mut self, answer: desk::Result<()>, ui: &Ui, out: &mut Out) {
        let Some((_, name, label)) = self.saving.take() else { return };
        match answer {
            Ok(()) => {
                let kind = ui.registry.kind(self.kind).many.get(ui.lang());
                let args = [("label", label.into()), ("kind", kind.into()), ("name", name.into())];
                out.say(Tone::Good, ui.tr("field-added", &args));
                out.close();
            }
            Err(desk::Error::Invalid { reason, .. }) => {
                self.form.refuse("name", &reason);
            }
            Err(error) => self.notice = Some((Role::Bad, error.to_string())),
        }
    }
}

/// A canonical name from what was typed: `Team size` → `team_size`; empty when nothing in it will do.
fn named(typed: &str) -> String {
    let mut name = String::new();
    for c in typed.trim().chars() {
        match c.to_ascii_lowercase() {
            c @ ('a'..='z' | '0'..='9') => name.push(c),
            ' ' | '-' | '_' if !name.is_empty() && !name.ends_with('_') => name.push('_'),
            _ => {}
        }
    }
    let name = name.trim_end_matches('_');
    if name.starts_with(|c: char| c.is_ascii_lowercase()) { name.to_owned() } else { String::new() }
}

impl Layer for FieldForm {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Form, Scope::Everywhere]
    }

    fn shape(&self) -> Shape {
        Shape::Popup { width: 84, height: 12 }
    }

    fn update(&mut self, msg: LayerMsg, ui: &Ui, out: &mut Out) {
        match msg {
            LayerMsg::Command(cmd) => match cmd {
                Cmd::FormNext => drop(self.form.to_next()),
                Cmd::FormPrevious => drop(self.form.to_previous()),
                Cmd::FormSave => {
                    self.form.step(0);
                    self.save(ui, out);
                }
                Cmd::FormLeave | Cmd::FormDiscard => out.close(),
                _ => {}
            },
            LayerMsg::Answer(ask, Answer::Done(answer)) if self.saving.as_ref().is_some_and(|(a, ..)| *a == ask) => {
                self.saved(answer, ui, out);
            }
            _ => {}
        }
    }

    fn key(&mut self, key: KeyEvent, _ui: &Ui, _out: &mut Out) -> bool {
        let is_typing = is_typing(key);
        self.notice = None;
        self.form.on_key(key) != crate::tui::widgets::form::Outcome::Ignored || is_typing
    }

    fn paste(&mut self, text: &str, _ui: &Ui, _out: &mut Out) -> bool {
        self.form.paste(text) != crate::tui::widgets::form::Outcome::Ignored
    }

    fn view(&self, frame: &mut Frame, area: Rect, ui: &Ui) {
        let kind = ui.registry.kind(self.kind).many.get(ui.lang());
        let block = boxed(format!(" {} ", ui.tr("field-title", &[("kind", kind.into())])), true, ui);
        let mut inner = block.inner(area);
        frame.render_widget(block, area);
        let buf = frame.buffer_mut();
        if let Some((role, notice)) = &self.notice
            && inner.height > 4
        {
            buf.set_string(inner.x + 2, inner.y, text::cut(notice, usize::from(inner.width) - 4), ui.style(*role));
            inner.y += 1;
            inner.height -= 1;
        }
        if let Some(cursor) = self.form.render(inner, buf, &ui.theme) {
            frame.set_cursor_position(cursor);
        }
    }

    fn subject(&self) -> Subject {
        Subject { kind: Some(self.kind), record: None, marked: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn names_come_from_labels_where_they_can() {
        for (label, name) in [("Team size", "team_size"), ("VIP!", "vip"), ("规模", ""), ("2nd", ""), ("a - b ", "a_b")]
        {
            assert_eq!(named(label), name, "{label}");
        }
    }
}
