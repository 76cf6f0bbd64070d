//! Stories in German, French and Spanish.

use super::Script;
use super::Who::{In, Note, Out};

pub(super) const GERMAN: &[Script] = &[
    Script {
        subject: "Rechnung zu Bestellung {order} fehlt",
        sort: "request",
        category: "Billing",
        priority: "normal",
        turns: &[
            (
                In,
                "Guten Tag,\n\nzu Bestellung {order} ist die Ware angekommen, aber keine Rechnung. Bitte senden Sie sie an unsere Buchhaltung.\n\nMit freundlichen Grüßen\n{first}",
            ),
            (
                Out,
                "Guten Tag,\n\ndie Rechnung liegt bei. Künftig geht sie automatisch an Ihre Buchhaltung.\n\nViele Grüße\n{agent}",
            ),
            (In, "Vielen Dank, alles da."),
        ],
        resolution: "Rechnung nachgesendet.",
    },
    Script {
        subject: "{product}: Mahlwerk blockiert",
        sort: "fault",
        category: "Hardware",
        priority: "high",
        turns: &[
            (
                In,
                "Hallo,\n\nseit heute früh brummt das Mahlwerk unserer {product} nur noch kurz, dann kommt Fehler E07. Seriennummer {serial}. Wir haben Care Gold.\n\n{first}",
            ),
            (
                Out,
                "Hallo {first},\n\nE07 heißt, dass sich die Scheiben nicht drehen. Bitte Stecker ziehen, Behälter abnehmen und nachsehen, ob etwas dazwischen liegt. Mit Care Gold ist morgen früh ein Techniker da, falls das nicht hilft.\n\n{agent}",
            ),
            (In, "Da lag eine Büroklammer. Läuft wieder, der Techniker kann zu Hause bleiben."),
        ],
        resolution: "Büroklammer aus dem Mahlwerk entfernt.",
    },
    Script {
        subject: "Liefertermin verschieben",
        sort: "request",
        category: "Delivery",
        priority: "low",
        turns: &[
            (In, "Unser Umbau dauert zwei Wochen länger. Können Sie die {n} Maschinen später liefern?"),
            (
                Out,
                "Gern, {first}. Ich habe die Lieferung um zwei Wochen verschoben; der Fahrer meldet sich am Tag davor.\n{agent}",
            ),
        ],
        resolution: "Termin um zwei Wochen verschoben.",
    },
    Script {
        subject: "Wasserfilter passt nicht",
        sort: "complaint",
        category: "Supplies",
        priority: "normal",
        turns: &[
            (
                In,
                "Die neuen Wasserfilter aus Bestellung {order} sind etwa zwei Millimeter zu breit für unsere {product}. Bitte um Austausch.",
            ),
            (Note, "Alte Bauform vor 2023 braucht C-009, nicht C-010. Im Shop steht das nicht."),
            (
                Out,
                "Guten Tag,\n\nIhre Maschine hat noch die ältere Aufnahme. Die passenden Filter sind unterwegs, die anderen behalten Sie bitte.\n{agent}",
            ),
            (In, "Passt, danke!"),
        ],
        resolution: "Filter der älteren Bauform gesendet.",
    },
];

pub(super) const FRENCH: &[Script] = &[
    Script {
        subject: "Facture de la commande {order}",
        sort: "request",
        category: "Billing",
        priority: "normal",
        turns: &[
            (
                In,
                "Bonjour,\n\nla facture de la commande {order} ne porte pas notre numéro de TVA. Pouvez-vous la corriger ?\n\nCordialement,\n{first}",
            ),
            (
                Out,
                "Bonjour {first},\n\nvoici la facture corrigée ; le numéro est enregistré pour les suivantes.\n\nBien à vous,\n{agent}",
            ),
            (In, "Parfait, merci beaucoup."),
        ],
        resolution: "Facture corrigée.",
    },
    Script {
        subject: "La {product} ne chauffe plus",
        sort: "fault",
        category: "Hardware",
        priority: "urgent",
        turns: &[
            (
                In,
                "Depuis ce matin le café sort froid. Nous attendons {n} visiteurs cet après-midi. Numéro de série : {serial}.",
            ),
            (
                Out,
                "Bonjour {first}, débranchez la machine dix minutes, puis rallumez-la. Si le voyant reste orange, un technicien passe avant midi.\n{agent}",
            ),
            (In, "Le voyant est vert et le café est chaud. Vous nous sauvez."),
        ],
        resolution: "Redémarrage après dix minutes.",
    },
];

pub(super) const SPANISH: &[Script] = &[
    Script {
        subject: "Pedido {order} incompleto",
        sort: "complaint",
        category: "Delivery",
        priority: "high",
        turns: &[
            (
                In,
                "Buenos días:\n\ndel pedido {order} han llegado tres cajas de cuatro. Falta el filtro de agua.\n\nUn saludo,\n{first}",
            ),
            (
                Out,
                "Buenos días, {first}:\n\nla cuarta caja salió un día más tarde y llega mañana por la mañana. Disculpe las molestias.\n{agent}",
            ),
            (In, "Ya ha llegado. Gracias."),
        ],
        resolution: "Entregada la caja que faltaba.",
    },
    Script {
        subject: "¿Cómo cambio el idioma de la {product}?",
        sort: "question",
        category: "App",
        priority: "low",
        turns: &[
            (In, "La máquina nueva habla alemán y nadie aquí lo entiende. ¿Cómo se cambia?"),
            (
                Out,
                "Hola, {first}: pulse tres segundos el símbolo del mundo, arriba a la derecha, y elija «Español».\n{agent}",
            ),
        ],
        resolution: "Idioma cambiado.",
    },
];
