//! What filing a ticket chooses from: categories and people with their letters, and what is likely. The latest tickets
//! stand for all, so that a million take no longer.

use sqlx::PgConnection;

use super::Result;

/// Tickets that stand for all.
const LATEST: i64 = 2_000;
/// Categories and people that a strip shows.
const SHOWN: i64 = 52;

/// The letters given so far: value, letter.
pub(crate) async fn letters(conn: &mut PgConnection, field: &str) -> Result<Vec<(String, String)>> {
    let found = sqlx::query_as("select value, letter from letter where field = $1 order by letter");
    Ok(found.bind(field).fetch_all(conn).await?)
}

/// The value's letter; when it has none, the first of the wanted ones that is free.
pub(crate) async fn take_letter(
    conn: &mut PgConnection,
    field: &str,
    value: &str,
    wanted: &[String],
) -> Result<Option<String>> {
    let taken = sqlx::query_scalar("select take_letter($1, $2, $3)").bind(field).bind(value).bind(wanted);
    Ok(taken.fetch_one(conn).await?)
}

/// Categories of the latest tickets, most frequent first.
pub(crate) async fn categories(conn: &mut PgConnection) -> Result<Vec<String>> {
    let found = sqlx::query_scalar(
        "select category from (select category from ticket where deleted_at is null and category <> '' \
           order by created_at desc limit $1) r group by 1 order by count(*) desc, 1 limit $2",
    );
    Ok(found.bind(LATEST).bind(SHOWN).fetch_all(conn).await?)
}

/// Somebody a ticket can go to, and how many open ones they have (counted to 999).
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct Agent {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) load: i64,
}

/// The active people of these teams; without a team, of all.
pub(crate) async fn agents(conn: &mut PgConnection, teams: &[i64]) -> Result<Vec<Agent>> {
    let found = sqlx::query_as(
        "select s.id, s.name, (select count(*) from (select from ticket t where t.owner_id = s.id \
           and t.status in ('new', 'open', 'pending', 'hold') and t.deleted_at is null limit 999) l) as load \
         from staff s where s.active and s.deleted_at is null and (s.team_id = any ($1) or cardinality($1) = 0) \
         order by s.name, s.id limit $2",
    );
    Ok(found.bind(teams).bind(SHOWN).fetch_all(conn).await?)
}

/// The likely category of a ticket, and why.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct Likely {
    pub(crate) category: String,
    /// So many of `of` similar tickets have it.
    pub(crate) n: i64,
    pub(crate) of: i64,
    /// The words of the subject that the similar tickets share.
    pub(crate) words: Vec<String>,
}

/// Of the latest tickets with a category, those that have the subject's rarest word, and, while that are fewer than
/// five, the next rarest; the most frequent category among them. Words that most tickets have say nothing.
pub(crate) async fn likely(conn: &mut PgConnection, ticket: i64) -> Result<Option<Likely>> {
    let found = sqlx::query_as(
        "with recent as materialized (select r.category, r.search from ticket r where r.deleted_at is null \
             and r.category <> '' and r.id <> $1 order by r.created_at desc limit $2), \
         words as (select w.word from ticket t, \
             unnest(tsvector_to_array(search_words(t.subject, ''))) w (word) \
             where t.id = $1 and (length(w.word) > 2 or w.word !~ '^[ -~]*$') limit 24), \
         counted as (select w.word, count(r.category) as n from words w \
             join recent r on r.search @@ quote_literal(w.word)::tsquery group by w.word), \
         ranked as (select c.word, sum(c.n) over (order by c.n, c.word rows between unbounded preceding and 1 preceding) as before \
             from counted c where c.n * 2 <= greatest(4, (select count(*) from recent))), \
         telling as (select k.word from ranked k where coalesce(k.before, 0) < 5), \
         alike as (select r.category from recent r \
             where exists (select from telling k where r.search @@ quote_literal(k.word)::tsquery)) \
         select s.category, count(*) as n, (select count(*) from alike) as of, \
             array(select k.word from telling k order by k.word) as words \
         from alike s group by 1 order by 2 desc, 1 limit 1",
    );
    Ok(found.bind(ticket).bind(LATEST).fetch_optional(conn).await?)
}
