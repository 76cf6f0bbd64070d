//! Stories in Chinese.

use super::Script;
use super::Who::{In, Note, Out};

pub(super) const SCRIPTS: &[Script] = &[
    Script {
        subject: "发票抬头有误",
        sort: "request",
        category: "发票",
        priority: "normal",
        turns: &[
            (
                In,
                "您好，订单 {order} 的发票抬头写成了我们的旧公司名称，财务没法入账。麻烦按“{company}”重新开一张，税号不变。谢谢！",
            ),
            (
                Out,
                "{first}您好，旧发票已作废，新发票已按“{company}”开具，电子版见附件。您的账户抬头也已更新，以后不会再错。\n{agent}",
            ),
            (In, "收到了，速度真快，谢谢。"),
        ],
        resolution: "已作废重开发票，并更新账户抬头。",
    },
    Script {
        subject: "{product} 清洗后报 E12",
        sort: "fault",
        category: "硬件",
        priority: "high",
        turns: &[
            (In, "我们的 {product}（序列号 {serial}）周五除垢以后，每天早上都报 E12，重启只能做一杯。请尽快帮忙看看。"),
            (
                Out,
                "{first}您好，E12 表示流量计没有读数，多半是水垢碎屑卡住了。请长按“热水”五秒，运行两次冲洗程序，再告诉我维护页上的计数。\n{agent}",
            ),
            (In, "第一次是 0，第二次是 212，现在连做四杯都正常了。"),
            (Out, "212 是正常值。如果再出现，我们给您寄新的流量计，在保修范围内。\n{agent}"),
        ],
        resolution: "冲洗流量计后恢复正常。",
    },
    Script {
        subject: "更新后无法登录云平台",
        sort: "fault",
        category: "应用",
        priority: "high",
        turns: &[
            (
                In,
                "昨天更新以后，我们公司所有人都登录不了云平台，提示“令牌无效”。现场有 {n} 台机器，看不到余量，很着急！",
            ),
            (
                Out,
                "{first}您好，非常抱歉。这次更新让旧会话全部失效了，请清除一次浏览器缓存后重新登录，密码不变。\n{agent}",
            ),
            (In, "电脑可以了，手机上还是不行。"),
            (Note, "手机端需要 4.2.1，4.2.0 有这个问题。应用商店今天上午已经上架。"),
            (Out, "请把手机应用升级到 4.2.1，今天上午已经上架，升级后就能登录。\n{agent}"),
        ],
        resolution: "清除旧会话，手机应用升级到 4.2.1。",
    },
    Script {
        subject: "订单 {order} 还没发货",
        sort: "complaint",
        category: "物流",
        priority: "high",
        turns: &[
            (In, "说好上周一到货，现在又是周一了，旧机器已经拉走，四十个人在喝速溶咖啡。到底什么时候能到？"),
            (Note, "货在中转站丢失，周五才找到，没有人通知客户。建议赠送一个月咖啡豆。"),
            (
                Out,
                "{first}您好，您批评得对，我们应该早点打电话。货物在中转站耽搁了，明天上午 8 点到 10 点送达，司机提前半小时联系您。首月咖啡豆由我们承担。\n{agent}",
            ),
            (In, "收到货了，机器正常，豆子也收到了，谢谢。"),
        ],
        resolution: "已送达，赠送一个月咖啡豆。",
    },
    Script {
        subject: "申请退货：保温杯架",
        sort: "return",
        category: "退货",
        priority: "normal",
        turns: &[
            (In, "订单 {order} 里我们多订了一台保温杯架，没有拆封，怎么退？"),
            (Out, "{first}您好，没问题。退货单见附件，快递上门取件，到仓后五天内原路退款。\n{agent}"),
            (In, "今天已经取走了。"),
        ],
        resolution: "已退货并退款。",
    },
    Script {
        subject: "机器底部漏水",
        sort: "fault",
        category: "硬件",
        priority: "urgent",
        turns: &[
            (In, "{product} 底下在漏水，一小时大概一杯，我们先把水阀关了。九点有 {n} 个人开会要喝咖啡，请马上处理！"),
            (
                Out,
                "{first}您好，先关水阀是对的。请看一下水箱后面的白色软管上有没有卡扣，没有的话就是这里漏。今天下午一点有师傅，我先给您留着。\n{agent}",
            ),
            (In, "没有卡扣，请师傅过来吧。"),
            (Note, "师傅已确认 13:00，带 22-04 卡扣和新密封圈。"),
            (Out, "师傅已经出发，大约一点到。\n{agent}"),
        ],
        resolution: "上门更换软管卡扣和密封圈。",
    },
    Script {
        subject: "如何添加同事的账号？",
        sort: "question",
        category: "应用",
        priority: "low",
        turns: &[
            (In, "现在只有我能在云平台下单买豆子，下周我休假，怎么给同事开权限？"),
            (
                Out,
                "{first}您好，在“设置 – 人员 – 邀请”里添加，勾选“可以下单”，还可以设置每月限额。邀请链接七天内有效。祝您假期愉快！\n{agent}",
            ),
        ],
        resolution: "已说明添加方法。",
    },
    Script {
        subject: "咨询 {n} 台机器的报价",
        sort: "question",
        category: "销售",
        priority: "normal",
        turns: &[
            (In, "报价收到了，有两个问题：{n} 台都含刷卡模块吗？价格能保留到季度末吗？周四要上会。"),
            (
                Out,
                "{first}您好，大堂那台含刷卡模块，其他的是报价单里的可选项。价格保留到季度末，第二页已经写明。\n{agent}",
            ),
            (In, "清楚了，谢谢。"),
        ],
        resolution: "已答复报价问题。",
    },
    Script {
        subject: "刷卡模块不认新工牌",
        sort: "fault",
        category: "硬件",
        priority: "high",
        turns: &[
            (In, "我们换了新工牌以后，{product} 上的刷卡模块有一半人刷不了，提示“未登记”。银行卡正常。"),
            (
                Out,
                "{first}您好，新工牌应该是七字节卡号，读卡器还设在四字节。我已经远程改好 {serial}，请让两位同事再试一下。\n{agent}",
            ),
            (In, "都可以了，太感谢了。"),
        ],
        resolution: "远程改为七字节卡号。",
    },
    Script {
        subject: "牛奶温度偏高",
        sort: "fault",
        category: "硬件",
        priority: "normal",
        turns: &[
            (In, "牛奶冰箱一整天都显示 9 度，这周已经倒掉 {n} 升奶了。门是关严的。"),
            (Out, "{first}您好，冰箱后面有没有留一掌宽的空隙？如果有，我直接给您换新的，不用先寄回。\n{agent}"),
            (In, "空隙够的，麻烦换一台。"),
            (Out, "新冰箱明天发出，司机会把旧的带走。\n{agent}"),
        ],
        resolution: "已更换冰箱。",
    },
    Script {
        subject: "续签金牌保养合同",
        sort: "request",
        category: "合同",
        priority: "normal",
        turns: &[
            (In, "我们 {n} 台机器的金牌保养下个月到期，想续两年，请发合同过来，最好能有折扣。"),
            (Note, "老客户，两年可以给九五折，需要负责人同意。"),
            (Out, "{first}您好，续签两年可以按九五折，合同见附件，盖章后扫描发回即可。\n{agent}"),
        ],
        resolution: "合同已续签两年。",
    },
    Script {
        subject: "咖啡豆有焦味",
        sort: "complaint",
        category: "耗材",
        priority: "low",
        turns: &[
            (In, "订单 {order} 的咖啡豆有焦味，好几位同事都这么说，上一袋没有这个问题。"),
            (
                Out,
                "{first}您好，感谢反馈。那一批有两袋烘焙过头，正好有一袋发给了您。新的已经寄出，旧的请直接丢弃。\n{agent}",
            ),
        ],
        resolution: "已补寄新豆。",
    },
    Script {
        subject: "预约新办公室培训",
        sort: "request",
        category: "服务",
        priority: "low",
        turns: &[
            (In, "春天我们新办公室开业，有 {n} 台机器，能不能派人来教大家怎么清洗？大概十二个人，半天就够。"),
            (Out, "{first}您好，没问题，上门培训正好是半天、最多十二人。第二周和第四周都有空，您看哪天方便？\n{agent}"),
            (In, "第二周的周三吧。"),
            (Out, "好的，周三上午九点半，稍后给您发邀请。\n{agent}"),
        ],
        resolution: "培训已预约。",
    },
    Script {
        subject: "退款一直没有到账",
        sort: "complaint",
        category: "发票",
        priority: "high",
        turns: &[
            (In, "三周前就确认了订单 {order} 的退货，账户上一直没有收到退款，请核实。"),
            (Note, "退款打到了已注销的账户，银行 9 号退回。新账号请电话确认，不要用邮件。"),
            (Out, "{first}您好，款项打到了旧账户，已被退回。为了安全，我今天电话跟您核对新账号。\n{agent}"),
            (In, "今天早上到账了，谢谢。"),
        ],
        resolution: "已退款到新账户。",
    },
];
