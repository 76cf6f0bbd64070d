//! Unfinished texts and settings, each person's own.

use serde_json::Value as Json;

use super::{Cx, Desk, Error, Result, failed, say};
use crate::store::keep;

/// A draft or setting that one person keeps, at most.
const BYTES_MAX: usize = 1 << 20;

impl Desk {
    /// Keeps the text of an unfinished form under a key such as `contact:new` or `ticket:1042:reply`; empty removes it.
    pub async fn save_draft(&self, cx: &Cx, key: &str, draft: &Json) -> Result<()> {
        bounded(cx, draft)?;
        let lang = cx.viewer.lang;
        let is_empty = match draft {
            Json::Null => true,
            Json::String(text) => text.is_empty(),
            Json::Array(items) => items.is_empty(),
            Json::Object(fields) => fields.is_empty(),
            Json::Bool(_) | Json::Number(_) => false,
        };
        let mut tx = self.quiet_tx(cx).await?;
        keep::save_draft(&mut tx, key, (!is_empty).then_some(draft)).await.map_err(|e| failed(lang, e))?;
        tx.commit().await.map_err(|e| failed(lang, e))
    }

    /// A draft saved earlier under this key by this person.
    pub async fn draft(&self, cx: &Cx, key: &str) -> Result<Option<Json>> {
        let mut tx = self.lookup_tx(cx).await?;
        keep::draft(&mut tx, key).await.map_err(|e| failed(cx.viewer.lang, e))
    }

    /// The person's kept settings for a screen (columns, sort, position), by key.
    pub async fn setting(&self, cx: &Cx, key: &str) -> Result<Option<Json>> {
        let mut tx = self.lookup_tx(cx).await?;
        keep::setting(&mut tx, key).await.map_err(|e| failed(cx.viewer.lang, e))
    }

    pub async fn keep_setting(&self, cx: &Cx, key: &str, value: &Json) -> Result<()> {
        bounded(cx, value)?;
        let lang = cx.viewer.lang;
        let mut tx = self.quiet_tx(cx).await?;
        keep::save_setting(&mut tx, key, value).await.map_err(|e| failed(lang, e))?;
        tx.commit().await.map_err(|e| failed(lang, e))
    }
}

fn bounded(cx: &Cx, value: &Json) -> Result<()> {
    if value.to_string().len() > BYTES_MAX {
        return Err(Error::Invalid {
            field: String::new(),
            reason: say(cx.viewer.lang, "The text is longer than a megabyte; shorten it.", "文本超过 1 MB，请缩短。"),
        });
    }
    Ok(())
}
