namespace Tenet.Odoo;

/// <summary>Our own words to the user: what happened and what to do.</summary>
internal static class CopilotText
{
    public static readonly IReadOnlyList<string> Languages = ["en", "de", "fr", "es"];

    private static readonly Dictionary<string, string[]> Texts = new(StringComparer.Ordinal)
    {
        ["session"] =
        [
            "This chat belongs to somebody else, so nothing was asked. Begin a new one.",
            "Dieser Chat gehört jemand anderem, daher wurde nichts gefragt. Beginnen Sie einen neuen.",
            "Cette discussion appartient à quelqu'un d'autre : rien n'a été demandé. Commencez-en une nouvelle.",
            "Este chat es de otra persona, por lo que no se preguntó nada. Empiece uno nuevo.",
        ],
        ["odoo_unreachable"] =
        [
            "Your Odoo cannot be reached from here. Try again in a moment; if it stays, ask your administrator.",
            "Ihr Odoo ist von hier nicht erreichbar. Versuchen Sie es gleich noch einmal; bleibt es so, fragen Sie Ihre Administration.",
            "Votre Odoo est injoignable. Réessayez dans un instant ; si cela persiste, contactez votre administrateur.",
            "No se puede acceder a su Odoo. Inténtelo de nuevo en un momento; si continúa, avise a su administrador.",
        ],
        ["odoo_slow"] =
        [
            "Your Odoo took too long to answer. Ask for less at once, or try again later.",
            "Ihr Odoo hat zu lange gebraucht. Fragen Sie weniger auf einmal oder versuchen Sie es später.",
            "Votre Odoo a mis trop de temps à répondre. Demandez moins à la fois ou réessayez plus tard.",
            "Su Odoo tardó demasiado en responder. Pida menos de una vez o inténtelo más tarde.",
        ],
        ["odoo_certificate"] =
        [
            "The certificate of your Odoo is not valid, so nothing was sent. Your administrator has to renew it.",
            "Das Zertifikat Ihres Odoo ist ungültig, daher wurde nichts gesendet. Ihre Administration muss es erneuern.",
            "Le certificat de votre Odoo n'est pas valide : rien n'a été envoyé. Votre administrateur doit le renouveler.",
            "El certificado de su Odoo no es válido, por lo que no se envió nada. Su administrador debe renovarlo.",
        ],
        ["odoo_address"] =
        [
            "The address of your Odoo is not on the public internet, so it is not called.",
            "Die Adresse Ihres Odoo liegt nicht im öffentlichen Internet und wird deshalb nicht aufgerufen.",
            "L'adresse de votre Odoo n'est pas publique : elle n'est pas appelée.",
            "La dirección de su Odoo no es pública y por eso no se llama.",
        ],
        ["odoo_maintenance"] =
        [
            "Your Odoo is being maintained or answers with a page instead of data. Try again later.",
            "Ihr Odoo wird gewartet oder antwortet mit einer Seite statt mit Daten. Versuchen Sie es später.",
            "Votre Odoo est en maintenance ou répond par une page. Réessayez plus tard.",
            "Su Odoo está en mantenimiento o responde con una página. Inténtelo más tarde.",
        ],
        ["odoo_too_large"] =
        [
            "The answer of your Odoo was too large. Ask for fewer records or fields.",
            "Die Antwort Ihres Odoo war zu groß. Fragen Sie nach weniger Datensätzen oder Feldern.",
            "La réponse de votre Odoo était trop volumineuse. Demandez moins d'enregistrements.",
            "La respuesta de su Odoo era demasiado grande. Pida menos registros o campos.",
        ],
        ["odoo_not_installed"] =
        [
            "The copilot's module was not found in your Odoo. Your administrator has to install it or correct the address.",
            "Das Modul des Copiloten wurde in Ihrem Odoo nicht gefunden. Ihre Administration muss es installieren oder die Adresse berichtigen.",
            "Le module du copilote est introuvable dans votre Odoo. Votre administrateur doit l'installer.",
            "No se encontró el módulo del copiloto en su Odoo. Su administrador debe instalarlo.",
        ],
        ["odoo_refused"] =
        [
            "Your Odoo refused the request. Reload the page; if it stays, your administrator has to connect it again.",
            "Ihr Odoo hat die Anfrage abgelehnt. Laden Sie die Seite neu; bleibt es so, muss Ihre Administration neu verbinden.",
            "Votre Odoo a refusé la demande. Rechargez la page ; sinon votre administrateur doit le reconnecter.",
            "Su Odoo rechazó la solicitud. Recargue la página; si continúa, su administrador debe reconectarlo.",
        ],
        ["odoo_protocol"] =
        [
            "Your Odoo answered in a way that is not understood. Your administrator should check the module's version.",
            "Ihr Odoo hat unverständlich geantwortet. Ihre Administration sollte die Version des Moduls prüfen.",
            "La réponse de votre Odoo n'est pas comprise. Votre administrateur devrait vérifier la version du module.",
            "La respuesta de su Odoo no se entiende. Su administrador debería revisar la versión del módulo.",
        ],
        ["model_failed"] =
        [
            "The model did not answer. Nothing was charged; try again.",
            "Das Modell hat nicht geantwortet. Nichts wurde berechnet; versuchen Sie es noch einmal.",
            "Le modèle n'a pas répondu. Rien n'a été facturé ; réessayez.",
            "El modelo no respondió. No se cobró nada; inténtelo de nuevo.",
        ],
        ["model_refused_key"] =
        [
            "The model's provider refused the key. Your administrator has to correct it.",
            "Der Anbieter des Modells hat den Schlüssel abgelehnt. Ihre Administration muss ihn berichtigen.",
            "Le fournisseur du modèle a refusé la clé. Votre administrateur doit la corriger.",
            "El proveedor del modelo rechazó la clave. Su administrador debe corregirla.",
        ],
        ["model_rate_limited"] =
        [
            "The model is asked too often at the moment. Try again in a minute.",
            "Das Modell wird gerade zu oft gefragt. Versuchen Sie es in einer Minute.",
            "Le modèle est trop sollicité. Réessayez dans une minute.",
            "El modelo recibe demasiadas consultas. Inténtelo en un minuto.",
        ],
        ["too_many_steps"] =
        [
            "This took too many steps. Ask for a part of it.",
            "Das waren zu viele Schritte. Fragen Sie nach einem Teil davon.",
            "Trop d'étapes ont été nécessaires. Demandez-en une partie.",
            "Se necesitaron demasiados pasos. Pregunte por una parte.",
        ],
        ["stopped"] =
        [
            "The copilot was switched off. Nothing was charged; ask your administrator.",
            "Der Copilot wurde abgeschaltet. Nichts wurde berechnet; fragen Sie Ihre Administration.",
            "Le copilote a été désactivé. Rien n'a été facturé ; contactez votre administrateur.",
            "El copiloto se ha desactivado. No se cobró nada; consulte a su administrador.",
        ],
        ["token_expired"] =
        [
            "This took longer than your sign-in allows. Ask again.",
            "Das hat länger gedauert, als Ihre Anmeldung erlaubt. Fragen Sie noch einmal.",
            "Cela a duré plus longtemps que votre session ne le permet. Reposez la question.",
            "Esto duró más de lo que permite su sesión. Pregunte de nuevo.",
        ],
        ["internal"] =
        [
            "Something went wrong on our side. Nothing was changed; try again.",
            "Bei uns ist etwas schiefgegangen. Nichts wurde geändert; versuchen Sie es noch einmal.",
            "Un problème est survenu de notre côté. Rien n'a été modifié ; réessayez.",
            "Algo falló por nuestra parte. No se cambió nada; inténtelo de nuevo.",
        ],
        ["may_not_see_all"] =
        [
            "Your rights in Odoo may hide some records; the figures are of what you may see.",
            "Ihre Rechte in Odoo können Datensätze ausblenden; die Zahlen gelten für das, was Sie sehen dürfen.",
            "Vos droits dans Odoo peuvent masquer des enregistrements ; les chiffres portent sur ce que vous voyez.",
            "Sus permisos en Odoo pueden ocultar registros; las cifras son de lo que puede ver.",
        ],
        ["ungrounded"] =
        [
            "A figure in this answer did not come from Odoo. Do not rely on it; nothing was charged.",
            "Eine Zahl in dieser Antwort stammt nicht aus Odoo. Verlassen Sie sich nicht darauf; nichts wurde berechnet.",
            "Un chiffre de cette réponse ne vient pas d'Odoo. Ne vous y fiez pas ; rien n'a été facturé.",
            "Una cifra de esta respuesta no procede de Odoo. No se fíe de ella; no se cobró nada.",
        ],
        ["removed_link"] = ["(link removed)", "(Link entfernt)", "(lien retiré)", "(enlace eliminado)"],
        ["title.conversation"] = ["Conversation", "Gespräch", "Conversation", "Conversación"],
        ["title.sales"] = ["Sales", "Verkäufe", "Ventes", "Ventas"],
        ["title.invoices"] = ["Invoices", "Rechnungen", "Factures", "Facturas"],
        ["title.stock"] = ["Stock", "Lager", "Stock", "Existencias"],
        ["title.pipeline"] = ["Pipeline", "Pipeline", "Pipeline", "Embudo de ventas"],
        ["title.contacts"] = ["Contacts", "Kontakte", "Contacts", "Contactos"],
        ["title.products"] = ["Products", "Produkte", "Produits", "Productos"],
        ["title.purchases"] = ["Purchases", "Einkäufe", "Achats", "Compras"],
        ["title.projects"] = ["Projects", "Projekte", "Projets", "Proyectos"],
        ["title.staff"] = ["Staff", "Personal", "Personnel", "Personal"],
        ["title.production"] = ["Production", "Fertigung", "Production", "Producción"],
        ["title.records"] = ["Records", "Datensätze", "Enregistrements", "Registros"],
    };

    public static IReadOnlyCollection<string> Codes => Texts.Keys;

    /// <summary>The first of a list of languages, as far as we have it.</summary>
    public static string LanguageOf(string? tags) =>
        (tags ?? "").Split('-', '_', ',', ';')[0].Trim().ToLowerInvariant() is { Length: > 0 } tag
        && Languages.Contains(tag, StringComparer.Ordinal)
            ? tag
            : "en";

    public static string Of(string code, string language)
    {
        var index = Languages.ToList().IndexOf(language);
        return Texts[code][Math.Max(0, index)];
    }
}
