//! From an action to what will be written: checked values, what they depend on, and a verdict on each record.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::demand::{Demands, demand, named};
use super::{Conflict, Cx, Error, Result, invalid, say};
use crate::domain::action::{Action, Edit, Envelope};
use crate::domain::check::{self, check};
use crate::domain::field::{Field, FieldType, Lang};
use crate::domain::kind::{ACTIVITY, COMPANY, CONTACT, DEAL, Kind, KindId, MESSAGE, Registry, STAGE, TICKET, USER};
use crate::domain::value::Value;
use crate::store::write::{self, From, Present};
use crate::store::{self, choose, outbox};

/// What an action comes to for records of one kind.
pub(super) enum Plan<'a> {
    Set {
        edits: Vec<Step<'a>>,
        /// Follows from the edits; written with them, never asked about.
        derived: Vec<(&'a Field, Value)>,
        /// The stage that deals come to, when it demands something.
        demands: Option<Demands<'a>>,
    },
    Tag {
        tags: &'a Field,
        add: Vec<String>,
        remove: Vec<String>,
    },
    /// Into the recycle bin, or out of it.
    Bin(bool),
    /// A new record for each target.
    Derive {
        kind: &'a Kind,
        values: Vec<(&'a Field, From<'a>)>,
    },
    /// A message for each ticket, its mail, and what becomes of the ticket.
    Reply {
        message: &'a Kind,
        values: Vec<(&'a Field, From<'a>)>,
        mail: Option<Envelope>,
        status: Option<(&'a Field, Value)>,
        seen: Option<i64>,
        /// The person does not see addresses: a mail that names none goes to the ticket's contact.
        to_contact: bool,
    },
}

/// One checked edit.
pub(super) struct Step<'a> {
    pub(super) field: &'a Field,
    was: Option<Value>,
    now: Value,
}

/// What becomes of one record.
pub(super) enum Verdict {
    Write,
    Unchanged,
    /// The field to blame, empty for none, and the reason.
    Refuse(String, String),
    Conflict(Vec<Conflict>),
}

impl<'a> Plan<'a> {
    /// Checks an action for records of `kind`; `Create` has its own way (`create`).
    pub(super) async fn new(
        conn: &mut PgConnection,
        registry: &'a Registry,
        cx: &Cx,
        kind: &'a Kind,
        action: &Action,
    ) -> Result<Self> {
        match action {
            Action::Create { .. } | Action::Pull | Action::Macro { .. } => {
                unreachable!("perform has ways of their own for these")
            }
            Action::Set { edits } => Self::set(conn, registry, cx, kind, edits).await,
            Action::Tag { add, remove } => {
                let lang = cx.viewer.lang;
                let tags = kind.field("tags").ok_or_else(|| Error::Invalid {
                    field: "tags".into(),
                    reason: say(lang, format!("{} have no tags.", kind.many.en), format!("{}没有标签。", kind.many.zh)),
                })?;
                if tags.readonly {
                    check(kind, tags, Value::Null).map_err(|e| invalid(lang, &e))?;
                }
                let checked = |list: &[String]| check::tags(tags, list).map_err(|e| invalid(lang, &e));
                Ok(Self::Tag { tags, add: checked(add)?, remove: checked(remove)? })
            }
            Action::Delete => Ok(Self::Bin(true)),
            Action::Restore => Ok(Self::Bin(false)),
            Action::Comment { text } if kind.id == TICKET => Self::message(registry, cx, kind, "note", text),
            Action::Reply { text, mail, status, seen } if kind.id == TICKET => {
                let lang = cx.viewer.lang;
                let Self::Derive { kind: message, values } = Self::message(registry, cx, kind, "out", text)? else {
                    unreachable!("a message is derived from its ticket")
                };
                if let Some(mail) = mail {
                    addresses(mail, lang)?;
                }
                let field = known(kind, "status");
                let status = match status {
                    // Where the role only reads the status, a reply leaves it.
                    Some(code) if !field.fixed => {
                        Some((field, checked(kind, field, &Value::Choice(code.clone()), lang)?))
                    }
                    _ => None,
                };
                let to_contact = registry.kind(CONTACT).field("email").is_none();
                Ok(Self::Reply { message, values, mail: mail.clone(), status, seen: *seen, to_contact })
            }
            Action::Reply { .. } => Err(Error::Invalid {
                field: String::new(),
                reason: say(
                    cx.viewer.lang,
                    "Only tickets have a conversation to reply in; log an activity instead.",
                    "只有工单可以回复，请改为记录活动。",
                ),
            }),
            Action::Comment { text } => {
                let text = check::many_lines(text);
                let subject: String =
                    text.lines().find(|l| !l.trim().is_empty()).unwrap_or_default().chars().take(120).collect();
                let values = vec![
                    ("subject".into(), Value::text(subject)),
                    ("type".into(), Value::Choice("note".into())),
                    ("body".into(), Value::text(text)),
                    ("at".into(), Value::Instant(cx.viewer.now)),
                    ("done".into(), Value::Bool(true)),
                ];
                Self::activity(conn, registry, cx, kind, &values).await
            }
            Action::Log { values } => Self::activity(conn, registry, cx, kind, values).await,
        }
    }

    async fn set(
        conn: &mut PgConnection,
        registry: &'a Registry,
        cx: &Cx,
        kind: &'a Kind,
        edits: &[Edit],
    ) -> Result<Self> {
        let lang = cx.viewer.lang;
        if edits.is_empty() {
            return Err(Error::Invalid {
                field: String::new(),
                reason: say(lang, "Nothing to set.", "没有要修改的内容。"),
            });
        }
        let mut steps: Vec<Step<'a>> = Vec::with_capacity(edits.len());
        for edit in edits {
            let field = field_named(kind, &edit.field, lang)?;
            let now = named(registry, kind, field, checked(kind, field, &edit.now, lang)?, lang)?;
            refer(conn, registry, cx, field, &now).await?;
            // What the person saw went through the same folding when it was kept.
            steps.push(Step { field, was: edit.was.clone(), now });
        }
        let mut derived = Vec::new();
        if kind.id == DEAL
            && !steps.iter().any(|s| s.field.name == "stage")
            && let Some(pipeline) = steps.iter().find(|s| s.field.name == "pipeline").and_then(|s| s.now.as_id())
        {
            let stage = first_stage(conn, cx, Some(pipeline)).await?;
            derived.push((known(kind, "stage"), Value::reference(stage.stage)));
        }
        let mut demands = None;
        if kind.id == DEAL {
            let edited = steps.iter().map(|s| (s.field, &s.now)).chain(derived.iter().map(|(f, v)| (*f, v)));
            let to = edited.filter(|(field, _)| field.name == "stage").find_map(|(_, now)| now.as_id());
            if let Some(stage) = to {
                demands = Demands::of(conn, registry, stage).await.map_err(|e| super::failed(lang, e))?;
            }
        }
        Ok(Self::Set { edits: steps, derived, demands })
    }

    fn message(registry: &'a Registry, cx: &Cx, ticket: &'a Kind, direction: &str, text: &str) -> Result<Self> {
        let kind = registry.kind(MESSAGE);
        let body = checked(kind, known(kind, "body"), &Value::Text(text.to_owned()), cx.viewer.lang)?;
        let mut values = vec![
            (known(kind, "ticket"), From::Id),
            (known(kind, "direction"), From::Value(Value::Choice(direction.into()))),
            (known(kind, "body"), From::Value(body)),
            (known(kind, "author"), From::Value(Value::reference(cx.viewer.me.id))),
            (known(kind, "sent"), From::Value(Value::Instant(cx.viewer.now))),
        ];
        if direction == "out" {
            values.push((known(kind, "contact"), From::Column(known(ticket, "contact"))));
        }
        Ok(Self::Derive { kind, values })
    }

    async fn activity(
        conn: &mut PgConnection,
        registry: &'a Registry,
        cx: &Cx,
        target: &'a Kind,
        given: &[(String, Value)],
    ) -> Result<Self> {
        let lang = cx.viewer.lang;
        let kind = registry.kind(ACTIVITY);
        let link = match target.id {
            COMPANY => "company",
            CONTACT => "contact",
            DEAL => "deal",
            TICKET => "ticket",
            _ => {
                return Err(Error::Invalid {
                    field: String::new(),
                    reason: say(
                        lang,
                        "Activities belong to companies, contacts, deals and tickets.",
                        "活动只能记录在公司、联系人、商机和工单上。",
                    ),
                });
            }
        };
        let mut values: Vec<(&'a Field, From<'a>)> = Vec::new();
        for (name, value) in given {
            let field = field_named(kind, name, lang)?;
            let value = checked(kind, field, value, lang)?;
            refer(conn, registry, cx, field, &value).await?;
            if !value.is_none() {
                values.push((field, From::Value(value)));
            }
        }
        let mut add = |name: &str, from: From<'a>| {
            let field = known(kind, name);
            if !values.iter().any(|(f, _)| f.name == field.name) {
                values.push((field, from));
            }
        };
        add(link, From::Id);
        // A call with a contact shows on their company's timeline too.
        for also in ["company", "contact"] {
            if let Some(column) = target.field(also).filter(|_| also != link) {
                add(also, From::Column(column));
            }
        }
        add("type", From::Value(Value::Choice("note".into())));
        add("done", From::Value(Value::Bool(false)));
        add("owner", From::Value(Value::reference(cx.viewer.me.id)));
        // Whoever works on the target should see what was done about it.
        let team = cx.viewer.me.team.map_or(Value::Null, Value::reference);
        add("team", From::ColumnOr(known(target, "team"), team));
        if !values.iter().any(|(f, _)| f.name == "at" || f.name == "due") {
            values.push((known(kind, "at"), From::Value(Value::Instant(cx.viewer.now))));
        }
        if !values.iter().any(|(f, _)| f.name == "subject") {
            let label = values.iter().find_map(|(f, from)| match from {
                From::Value(Value::Choice(code)) if f.name == "type" => {
                    f.choices().iter().find(|c| c.code == *code).map(|c| c.label.get(lang).to_owned())
                }
                _ => None,
            });
            values.push((known(kind, "subject"), From::Value(Value::Text(label.unwrap_or_default()))));
        }
        Ok(Self::Derive { kind, values })
    }

    /// The fields whose present values the verdict needs.
    pub(super) fn reads(&self) -> Vec<&'a Field> {
        match self {
            Self::Set { edits, demands, .. } => {
                let demanded = demands.iter().flat_map(Demands::reads);
                edits.iter().map(|step| step.field).chain(demanded).collect()
            }
            Self::Tag { tags, .. } => vec![tags],
            Self::Bin(_) | Self::Derive { .. } | Self::Reply { .. } => Vec::new(),
        }
    }

    /// What becomes of a record in this state.
    pub(super) fn judge(&self, kind: &Kind, present: &Present, lang: Lang) -> Verdict {
        if present.is_deleted && !matches!(self, Self::Bin(_)) {
            let reason = say(
                lang,
                format!("{} is in the recycle bin; restore it first.", kind.code(present.id)),
                format!("{} 在回收站中，请先恢复。", kind.code(present.id)),
            );
            return Verdict::Refuse(String::new(), reason);
        }
        let wants_change = match self {
            Self::Derive { .. } | Self::Reply { .. } => true,
            Self::Bin(to) => present.is_deleted != *to,
            Self::Tag { add, remove, .. } => {
                let have: &[String] = match present.values.first() {
                    Some(Value::Tags(tags)) => tags,
                    _ => &[],
                };
                add.iter().any(|tag| !have.contains(tag) && !remove.contains(tag))
                    || remove.iter().any(|tag| have.contains(tag))
            }
            Self::Set { edits, demands, .. } => {
                let conflicts: Vec<Conflict> = edits
                    .iter()
                    .zip(&present.values)
                    .filter(|(step, current)| {
                        step.was.as_ref().is_some_and(|was| !same(was, current)) && !same(&step.now, current)
                    })
                    .map(|(step, current)| Conflict {
                        field: step.field.name.clone(),
                        was: step.was.clone().unwrap_or_default(),
                        mine: step.now.clone(),
                        theirs: current.clone(),
                        by: String::new(),
                        at: None,
                    })
                    .collect();
                if !conflicts.is_empty() {
                    return Verdict::Conflict(conflicts);
                }
                let lacking = demands.as_ref().and_then(|demands| {
                    let edited = |name: &str| edits.iter().find(|s| s.field.name == name).map(|s| &s.now);
                    demands.lacking(edited, &present.values[edits.len()..])
                });
                if let Some((field, reason)) = lacking.map(|field| demand(field, lang)) {
                    return Verdict::Refuse(field, reason);
                }
                edits.iter().zip(&present.values).any(|(step, current)| !same(&step.now, current))
            }
        };
        if wants_change { Verdict::Write } else { Verdict::Unchanged }
    }

    /// For a reply to one ticket: what others have said there since the person read it.
    pub(super) async fn said_meanwhile(
        &self,
        conn: &mut PgConnection,
        cx: &Cx,
        ticket: i64,
    ) -> store::Result<Option<Conflict>> {
        let Self::Reply { seen: Some(seen), message, .. } = self else { return Ok(None) };
        let said = outbox::said_since(conn, ticket, *seen, cx.viewer.me.id).await?;
        Ok(said.map(|said| Conflict {
            field: message.id.0.to_owned(),
            was: Value::Null,
            mine: Value::Null,
            theirs: Value::Text(said.body),
            by: said.by,
            at: said.at,
        }))
    }

    /// Writes for these records, all in one statement, and says what was written: the records themselves or the new ones.
    pub(super) async fn write(
        &self,
        conn: &mut PgConnection,
        kind: &Kind,
        ids: &[i64],
    ) -> store::Result<Vec<(KindId, i64)>> {
        let (written, ids) = match self {
            Self::Set { edits, derived, .. } => {
                let mut values: Vec<(&Field, Value)> = edits.iter().map(|s| (s.field, s.now.clone())).collect();
                values.extend(derived.iter().cloned());
                (kind.id, write::update(conn, kind, ids, &values).await?)
            }
            Self::Tag { add, remove, .. } => (kind.id, write::tag(conn, kind, ids, add, remove).await?),
            Self::Bin(to) => (kind.id, write::bin(conn, kind, ids, *to).await?),
            Self::Derive { kind: made, values } => (made.id, write::insert_for(conn, made, values, kind, ids).await?),
            Self::Reply { message, values, mail, status, to_contact, .. } => {
                let made = write::insert_for(conn, message, values, kind, ids).await?;
                if let Some(status) = status {
                    write::update(conn, kind, ids, std::slice::from_ref(status)).await?;
                }
                outbox::queue(conn, &made, mail.as_ref(), *to_contact).await?;
                let made = made.into_iter().map(|id| (message.id, id));
                return Ok(made.chain(ids.iter().map(|&id| (kind.id, id))).collect());
            }
        };
        Ok(ids.into_iter().map(|id| (written, id)).collect())
    }
}

/// That mail can go there: one address each, separated by commas or blanks.
fn addresses(mail: &Envelope, lang: Lang) -> Result<()> {
    let registry = Registry::builtin();
    let kind = registry.kind(CONTACT);
    for (field, list) in [("to", &mail.to), ("cc", &mail.cc)] {
        for address in list.split([',', ';', ' ', '，', '；']).filter(|a| !a.is_empty()) {
            checked(kind, known(kind, "email"), &Value::Text(address.to_owned()), lang).map_err(|_| {
                Error::Invalid {
                    field: field.into(),
                    reason: say(lang, format!("“{address}” is no mail address."), format!("“{address}”不是邮箱地址。")),
                }
            })?;
        }
    }
    Ok(())
}

/// Equal as kept: no tags is none, blank text is none, instants count microseconds.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        _ if is_empty(a) || is_empty(b) => is_empty(a) == is_empty(b),
        (Value::Instant(a), Value::Instant(b)) => a.timestamp_micros() == b.timestamp_micros(),
        (Value::Text(a) | Value::Choice(a), Value::Text(b) | Value::Choice(b)) => a == b,
        (Value::Tags(a), Value::Tags(b)) => a.len() == b.len() && a.iter().all(|tag| b.contains(tag)),
        _ => a == b,
    }
}

pub(super) fn is_empty(value: &Value) -> bool {
    value.is_none() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

/// A field that the program's own code names.
pub(super) fn known<'a>(kind: &'a Kind, name: &str) -> &'a Field {
    kind.field(name).expect("field is declared in the kind")
}

/// A field by its canonical name, or a refusal that names the kind.
pub(super) fn field_named<'a>(kind: &'a Kind, name: &str, lang: Lang) -> Result<&'a Field> {
    kind.field(name).ok_or_else(|| Error::Invalid {
        field: name.into(),
        reason: say(
            lang,
            format!("{} have no field “{name}”.", kind.many.en),
            format!("{}没有字段“{name}”。", kind.many.zh),
        ),
    })
}

/// The value as it will be kept, or the refusal.
pub(super) fn checked(kind: &Kind, field: &Field, value: &Value, lang: Lang) -> Result<Value> {
    let value = check(kind, field, value.clone()).map_err(|e| invalid(lang, &e))?;
    if kind.id == USER
        && field.name == "login"
        && let Some(login) = value.as_str()
    {
        let fits = |c: char| c.is_ascii_alphanumeric() || "._@-".contains(c);
        if login.len() > 64 || !login.chars().all(fits) || login.starts_with('-') {
            return Err(Error::Invalid {
                field: "login".into(),
                reason: say(
                    lang,
                    "A login is made of letters, digits and . _ @ -, at most 64.",
                    "登录名只能用字母、数字和 . _ @ -，最多 64 个字符。",
                ),
            });
        }
    }
    Ok(value)
}

/// That the record a reference names is there, is visible and can be used.
pub(super) async fn refer(
    conn: &mut PgConnection,
    registry: &Registry,
    cx: &Cx,
    field: &Field,
    value: &Value,
) -> Result<()> {
    let (FieldType::Ref(to), Some(id)) = (&field.ty, value.as_id()) else { return Ok(()) };
    let lang = cx.viewer.lang;
    let kind = registry.kind(*to);
    let refuse = |en: String, zh: String| Err(Error::Invalid { field: field.name.clone(), reason: say(lang, en, zh) });
    let code = kind.code(id);
    match choose::state(conn, kind, id).await.map_err(|e| super::failed(lang, e))? {
        None => refuse(
            format!("{}: there is no {} {code}; choose another.", field.label.en, kind.one.en.to_lowercase()),
            format!("{}：没有{} {code}，请另选。", field.label.zh, kind.one.zh),
        ),
        Some(state) if state.is_deleted => refuse(
            format!("{}: {code} is in the recycle bin; restore it or choose another.", field.label.en),
            format!("{}：{code} 在回收站中，请恢复或另选。", field.label.zh),
        ),
        Some(state) if !state.is_active && field.name == "owner" => refuse(
            format!("{}: {code} no longer works here; choose another.", field.label.en),
            format!("{}：{code} 已停用，请另选。", field.label.zh),
        ),
        Some(_) => Ok(()),
    }
}

/// Where a new deal starts: the first open stage of the pipeline, by default of the first pipeline.
pub(super) async fn first_stage(conn: &mut PgConnection, cx: &Cx, pipeline: Option<i64>) -> Result<choose::Start> {
    let lang = cx.viewer.lang;
    choose::first_stage(conn, pipeline).await.map_err(|e| super::failed(lang, e))?.ok_or_else(|| Error::Invalid {
        field: STAGE.0.into(),
        reason: say(
            lang,
            "There is no pipeline with an open stage; an admin can add one.",
            "没有带进行中阶段的销售管道，请管理员添加。",
        ),
    })
}

/// The moment an action happens, as the database keeps it.
pub(super) fn micros(at: DateTime<Utc>) -> Value {
    use chrono::SubsecRound;
    Value::Instant(at.trunc_subsecs(6))
}
