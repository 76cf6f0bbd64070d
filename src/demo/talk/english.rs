//! Stories in English.

use super::Script;
use super::Who::{In, Note, Out};

pub(super) const SCRIPTS: &[Script] = &[
    Script {
        subject: "Cannot log in to Fleet after the update",
        sort: "fault",
        category: "App",
        priority: "high",
        turns: &[
            (
                In,
                "Since yesterday's update nobody at {company} can sign in to Fleet. It says \"invalid token\" and sends us back to the start page. We have {n} machines and I cannot see a single fill level.\n\nPlease call me, this is urgent.\n{first}",
            ),
            (
                Out,
                "Hello {first},\n\nsorry about that. The update ended all old sessions. Please delete the cookies of fleet.tern.example once and sign in again; your password is the same.\n\nDoes that bring you back in?\n{agent}",
            ),
            (In, "Two of us are in again, thank you. The third still gets the same message, on a tablet."),
            (
                Note,
                "Tablet keeps the old session in the app, not the browser. Needs version 4.2.1 from the store; 4.2.0 has the fault.",
            ),
            (
                Out,
                "The tablet needs version 4.2.1 of the app, it has been in the store since this morning. After that the old session is gone.\n{agent}",
            ),
        ],
        resolution: "Old sessions cleared; tablet updated to 4.2.1.",
    },
    Script {
        subject: "{product} shows E12 after descaling",
        sort: "fault",
        category: "Hardware",
        priority: "high",
        turns: &[
            (
                In,
                "Our {product} (serial {serial}) stops with E12 every morning since we descaled it on Friday. Switching it off and on helps for one cup.\n\nBest wishes\n{first}",
            ),
            (
                Out,
                "Hello {first},\n\nE12 means that the flow meter counts no water. After descaling there is often a crumb of lime in it. Could you run the rinse programme twice (hold \"hot water\" for five seconds) and tell me what the counter on the service page says?\n\n{agent}",
            ),
            (
                In,
                "Counter says 0 the first time and 212 the second time. It has made four coffees since without a complaint!",
            ),
            (
                Out,
                "212 is what we want. If it comes back, we send a new flow meter, you are covered.\n\nEnjoy your coffee,\n{agent}",
            ),
        ],
        resolution: "Flow meter rinsed clean.",
    },
    Script {
        subject: "Invoice for order {order} has the old address",
        sort: "request",
        category: "Billing",
        priority: "normal",
        turns: &[
            (
                In,
                "Good morning,\n\nthe invoice for order {order} still shows our old address. Accounting cannot book it like that. Could you please send a corrected one? The rest is right.\n\n{first}, {company}",
            ),
            (
                Out,
                "Dear {first},\n\nthe corrected invoice is attached, the old one is cancelled. I also changed the address in your account, so it will be right from now on.\n\n{agent}",
            ),
            (In, "That was quick. Thanks!"),
        ],
        resolution: "Corrected invoice sent, address changed.",
    },
    Script {
        subject: "Return of order {order}",
        sort: "return",
        category: "Returns",
        priority: "normal",
        turns: &[
            (
                In,
                "We ordered two cup warmers and need only one. It is still in its box. How do we send it back?\n\n{first}",
            ),
            (
                Out,
                "Hello {first},\n\nno problem. A return label is attached; any parcel shop takes it. You will have the money back within five days of its arrival.\n\n{agent}",
            ),
            (Note, "Label sent. Credit note when the warehouse reports arrival."),
            (In, "Dropped off today. Thank you."),
        ],
        resolution: "Returned and credited.",
    },
    Script {
        subject: "Milk is not cold enough",
        sort: "fault",
        category: "Hardware",
        priority: "normal",
        turns: &[
            (
                In,
                "The milk fridge beside our {product} shows 9 °C all day. We threw away {n} litres this week. The door closes properly, I checked with a strip of paper.",
            ),
            (
                Out,
                "Hello {first}, thank you for checking the door already. Is there a hand's width of air behind the fridge? If so I will exchange it; no need to send anything back first.\n{agent}",
            ),
            (In, "There is plenty of air. Please exchange it."),
            (Out, "A new one leaves tomorrow. The driver takes the old one with him.\n{agent}"),
        ],
        resolution: "Fridge exchanged.",
    },
    Script {
        subject: "How do I add a colleague to Fleet?",
        sort: "question",
        category: "App",
        priority: "low",
        turns: &[
            (
                In,
                "Hi, I am the only one at {company} who can order beans in Fleet and I am on holiday next week. How do I add a colleague?\n\n{first}",
            ),
            (
                Out,
                "Hi {first},\n\nSettings, People, Invite. Choose \"may order\" and a monthly limit if you like. The invitation is good for seven days.\n\nHave a good holiday!\n{agent}",
            ),
        ],
        resolution: "Explained how to invite people.",
    },
    Script {
        subject: "Delivery {order} is a week late",
        sort: "complaint",
        category: "Delivery",
        priority: "high",
        turns: &[
            (
                In,
                "We were promised {product} for last Monday. It is Monday again, the old machine has been collected, and forty people are drinking instant coffee. What is going on?\n\n{first}\n{company}",
            ),
            (
                Note,
                "Carrier lost the pallet in the hub and found it on Friday. Nobody told the customer. Offer a month of beans.",
            ),
            (
                Out,
                "Dear {first},\n\nyou are right to be cross, and we should have called. The carrier mislaid the pallet and has found it again. It arrives tomorrow between 8 and 10; the driver calls half an hour before.\n\nThe beans for the first month are on us.\n{agent}",
            ),
            (In, "It is here and it works. The beans are appreciated."),
        ],
        resolution: "Delivered, a month of beans as an apology.",
    },
    Script {
        subject: "Card reader declines staff badges",
        sort: "fault",
        category: "Hardware",
        priority: "high",
        turns: &[
            (
                In,
                "Since we changed to new badges the card reader on the {product} answers \"not known\" for about half of our staff. Bank cards work.",
            ),
            (
                Out,
                "Hello {first},\n\nthe new badges probably have seven-byte numbers and the reader is set to four. I have changed that for {serial} from here. Could two of those who were refused try again?\n{agent}",
            ),
            (In, "Both work. I would never have found that."),
        ],
        resolution: "Reader set to seven-byte badge numbers.",
    },
    Script {
        subject: "Please cancel Care Silver at the end of the term",
        sort: "request",
        category: "Contract",
        priority: "normal",
        turns: &[
            (
                In,
                "We are closing our second office and no longer need Care Silver for {serial}. Please confirm the end of the contract in writing.\n\n{first}",
            ),
            (
                Note,
                "Ask about moving the machine to the first office before confirming. Deal for Care Gold there is open.",
            ),
            (
                Out,
                "Hello {first},\n\nI confirm that Care Silver for {serial} ends with the current term. If the machine moves to your other office, I can carry the contract over without a gap; just tell me.\n\n{agent}",
            ),
        ],
        resolution: "Cancellation confirmed in writing.",
    },
    Script {
        subject: "Water on the floor under the {product}",
        sort: "fault",
        category: "Hardware",
        priority: "urgent",
        turns: &[
            (
                In,
                "There is water under the machine, about a cup an hour. We have closed the tap for now. {n} people want coffee at nine. Please help!\n{first}",
            ),
            (
                Out,
                "Hello {first}, closing the tap was right. Please look at the small white hose behind the tank: is there a clip on it? If the clip is missing, that is the leak.\n\nA technician is free today from 13:00, I keep the slot for you.\n{agent}",
            ),
            (In, "No clip anywhere. Please send the technician."),
            (Note, "Technician confirmed 13:00. Bring clip 22-04 and a new seal."),
            (Out, "He is on his way, around 13:00.\n{agent}"),
        ],
        resolution: "Hose clip and seal replaced on site.",
    },
    Script {
        subject: "Question about the quote for {n} machines",
        sort: "question",
        category: "Sales",
        priority: "normal",
        turns: &[
            (
                In,
                "Thank you for the quote. Two questions before I take it to the board: is the card reader included for all {n} machines, and does the price hold until the end of the quarter?\n\nKind regards\n{first}",
            ),
            (
                Out,
                "Dear {first},\n\nthe reader is included for the lobby only; for the others it is the line marked optional. The price holds until the end of the quarter, I have put it in writing on page two.\n\n{agent}",
            ),
            (In, "Clear. The board meets on Thursday."),
        ],
        resolution: "Questions on the quote answered.",
    },
    Script {
        subject: "The house blend tastes burnt",
        sort: "complaint",
        category: "Supplies",
        priority: "low",
        turns: &[
            (
                In,
                "The last bag of house blend (order {order}) tastes burnt. Several people said so without being asked. The bag before was fine.",
            ),
            (
                Out,
                "Hello {first},\n\nthank you for telling us. Two sacks of that roast were left in too long; you got one of them. A new bag is on its way, please throw the other away.\n{agent}",
            ),
        ],
        resolution: "New bag sent.",
    },
    Script {
        subject: "Training for the new office",
        sort: "request",
        category: "Services",
        priority: "low",
        turns: &[
            (
                In,
                "We open a new office in spring with {n} machines. Can somebody show the team how to clean them? Twelve people, half a day would be enough.",
            ),
            (
                Out,
                "With pleasure, {first}. On-site training is half a day for up to twelve people. Which week suits you? I have time in the second and the fourth of the month.\n{agent}",
            ),
            (In, "The second week, on the Wednesday if possible."),
            (Out, "Wednesday at 9:30 it is. You will get an invitation.\n{agent}"),
        ],
        resolution: "Training booked.",
    },
    Script {
        subject: "Fleet shows a machine as offline",
        sort: "fault",
        category: "App",
        priority: "normal",
        turns: &[
            (
                In,
                "{serial} is shown as offline since the weekend, but it is making coffee in front of me. Our network people changed the wifi password on Saturday, could that be it?",
            ),
            (
                Out,
                "That is it, {first}. On the machine: menu, network, forget, then scan the code on the screen with your phone. It takes a minute.\n{agent}",
            ),
            (In, "Green again."),
        ],
        resolution: "Machine joined to the new network.",
    },
    Script {
        subject: "Refund for order {order} not arrived",
        sort: "complaint",
        category: "Billing",
        priority: "high",
        turns: &[
            (
                In,
                "You confirmed the return of order {order} three weeks ago. There is no refund on our account. Please look into it.\n{first}, accounts payable",
            ),
            (
                Note,
                "Refund went to the closed account. Bank sent it back on the 9th. Ask for the new number by phone, not by mail.",
            ),
            (
                Out,
                "Dear {first},\n\nthe money went to your old account and came back to us. I will call you today for the new one; for your safety we do not take account numbers by mail.\n{agent}",
            ),
            (In, "Thank you for the call. It arrived this morning."),
        ],
        resolution: "Refund paid to the new account.",
    },
    Script {
        subject: "Data processing agreement",
        sort: "request",
        category: "Contract",
        priority: "normal",
        turns: &[
            (
                In,
                "Before we can use Fleet with staff badges our data protection officer needs a signed data processing agreement and a list of where the data is kept.",
            ),
            (
                Out,
                "Hello {first},\n\nboth documents are attached, signed on our side. Badge numbers are kept as hashes for ninety days, in the same region as your account.\n{agent}",
            ),
            (In, "Received, I pass them on."),
        ],
        resolution: "Agreement sent and signed.",
    },
    Script {
        subject: "Grinder is very loud",
        sort: "fault",
        category: "Hardware",
        priority: "normal",
        turns: &[
            (
                In,
                "The left grinder of our {product} has become so loud that people in the meeting room next door complain. The coffee is fine. Serial {serial}.",
            ),
            (
                Out,
                "Hello {first}, that sounds like a stone among the beans. Please close the hopper, take it off and look between the discs with a lamp. Unplug the machine first.\n{agent}",
            ),
            (In, "There was indeed a little stone. I keep it as a souvenir. Quiet again!"),
        ],
        resolution: "Stone removed from the grinder.",
    },
    Script {
        subject: "Wrong item in delivery {order}",
        sort: "return",
        category: "Delivery",
        priority: "normal",
        turns: &[
            (
                In,
                "We ordered the water filter set and received descaling kits, six of them. The delivery note says filters.",
            ),
            (
                Note,
                "Warehouse swapped two pallets labels that day, five customers affected. List is in the team folder.",
            ),
            (
                Out,
                "Sorry for the mix-up, {first}. The filters leave today by express. Please keep the descaling kits, they will be of use one day.\n{agent}",
            ),
        ],
        resolution: "Right item sent by express.",
    },
    Script {
        subject: "Can we pay by purchase order?",
        sort: "question",
        category: "Billing",
        priority: "low",
        turns: &[
            (
                In,
                "From next year {company} pays only against a purchase order number. Can you print ours on every invoice?",
            ),
            (
                Out,
                "Yes, {first}. Send me the number and from when it counts, and I will enter it in your account. Invoices without a number will then be held back until you give us one.\n{agent}",
            ),
        ],
        resolution: "Purchase order number entered.",
    },
    Script {
        subject: "Where is our technician?",
        sort: "complaint",
        category: "Services",
        priority: "urgent",
        turns: &[
            (
                In,
                "The visit was confirmed for 10:00. It is 11:30 and nobody is here, nobody has called. We have Care Gold!",
            ),
            (Note, "Van broke down on the motorway. Second technician can be there at 12:15."),
            (
                Out,
                "{first}, I apologise. His van has broken down; a colleague takes over and is with you at 12:15. With Care Gold today's visit and the parts are free anyway, and I am crediting this month's fee.\n{agent}",
            ),
            (In, "He came at 12:10 and was very good. All right again."),
        ],
        resolution: "Visited the same day; monthly fee credited.",
    },
];
