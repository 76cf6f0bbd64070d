use super::{Field, FieldType, Kind, TEAM, USER, choices};

/// A person who works here. The table is `staff`.
pub(super) fn kind() -> Kind {
    let mut kind = Kind::new(USER, 'U', ("User", "用户"), ("Users", "用户")).common().fields(vec![
        Field::new("name", "Name", "姓名", FieldType::Text).required().indexed().column(0).alias(&[
            "sales_agent",
            "sales agent",
            "agent",
            "full name",
            "user name",
        ]),
        Field::new("login", "Login", "登录名", FieldType::Text)
            .required()
            .unique()
            .column(1)
            .alias(&["username", "account"]),
        Field::new(
            "role",
            "Role",
            "角色",
            choices(&[
                // The roles that come with the program; a workspace's own ones come from its database.
                ("admin", "Admin", "管理员"),
                ("sales", "Sales", "销售"),
                ("manager", "Manager", "经理"),
                ("support", "Support", "客服"),
                ("marketing", "Marketing", "市场"),
                ("analyst", "Analyst", "分析"),
                ("read-only", "Read only", "只读"),
            ]),
        )
        .required()
        .column(2),
        Field::new("team", "Team", "团队", FieldType::Ref(TEAM)).indexed().column(3).alias(&[
            "regional_office",
            "regional office",
            "office",
            "department",
            "部门",
        ]),
        Field::new("manager", "Manager", "上级", FieldType::Ref(USER)).alias(&["boss", "reports to", "直属上级"]),
        Field::new("email", "Email", "邮箱", FieldType::Email).alias(&["mail", "e-mail", "email address"]),
        Field::new("db_login", "Postgres login", "Postgres 登录名", FieldType::Text).unique(),
        Field::new("zone", "Time zone", "时区", FieldType::Text).alias(&["timezone", "time_zone"]),
        Field::new("active", "Active", "启用", FieldType::Bool).column(4),
        Field::new("away_from", "Away from", "外出开始", FieldType::Day),
        Field::new("away_until", "Away until", "外出至", FieldType::Day).column(5),
        Field::new("deputy", "Deputy", "代理人", FieldType::Ref(USER))
            .indexed()
            .column(6)
            .alias(&["stands in", "代理"]),
    ]);
    kind.table = "staff";
    kind
}
