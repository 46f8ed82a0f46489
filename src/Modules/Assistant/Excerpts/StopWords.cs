using System.Collections.Frozen;

namespace Tenet.Assistant;

/// <summary>Words that carry a question's grammar and not its subject, folded as <see cref="Words"/> folds them.</summary>
internal static class StopWords
{
    private static readonly FrozenDictionary<string, FrozenSet<string>> ByLanguage = new Dictionary<string, FrozenSet<string>>(
        StringComparer.Ordinal
    )
    {
        ["en"] = Set(
            "a an the and or but if of to in on at by for from with without about into over after before as is are was were be been being am do does did "
                + "done have has had having i me my we our us you your yours he she it its they them their this that these those there here what which who whom "
                + "whose when where why how much many long often soon can could may might must shall should will would not no yes please hi hello hey thanks "
                + "thank want need like get got know tell help let see find also any some all more most very just so than then too up out if because while until "
                + "s t m re ve ll d im ive id dont doesnt didnt cant isnt possible give make kind sort way thing something anything someone anyone exactly "
                + "take takes took ok okay really still already question wondering wonder able use using offer provide accept accepted whats wheres hows sell sells sold selling carry best good better recommend item items article articles product products"
        ),
        ["de"] = Set(
            "der die das den dem des ein eine einer eines einem einen und oder aber wenn ob von vom zu zum zur in im an am auf bei beim fur mit ohne uber "
                + "nach vor aus als wie ist sind war waren sein bin bist seid habe hast hat habt haben hatte werden wird wurde wurden kann konnen konnte konnten darf "
                + "durfen muss mussen soll sollen sollte will wollen mochte mochten ich mich mir mein meine meinen meiner wir uns unser unsere du dich dir dein "
                + "deine ihr euch euer eure er sie es ihn ihm ihnen ihre ihren sich man dieser diese dieses diesen diesem da dort hier was welche welcher welches "
                + "welchen wer wem wen wessen wann wo woher wohin warum wieso weshalb viel viele lange oft nicht kein keine keinen ja nein bitte hallo hi danke "
                + "gibt geben es denn noch schon auch nur sehr so mehr alle alles etwas mal eigentlich gerne gern brauche bekomme machen geht finde wissen sagen "
                + "dauert dauern moglich verkauft verkaufen fuhrt fuhren gut guter gute gutes besser beste bester bestes besten empfehlen guten tag frage artikel produkt produkte ware waren sache sachen"
        ),
        ["fr"] = Set(
            "le la les l un une des du de d et ou mais si que qu qui quoi dont ou a au aux en dans sur sous par pour avec sans chez vers entre est sont etait "
                + "etre suis es sommes etes ai as avons avez ont avoir fait faire fais peut peux pouvez puis pouvoir dois doit devez faut veux voulez voudrais "
                + "je j me m moi mon ma mes nous notre nos tu te t toi ton ta tes vous votre vos il elle on ils elles lui leur leurs se s ce c cet cette ces ca cela "
                + "y ici la quel quelle quels quelles quand comment combien pourquoi ne n pas plus non oui merci bonjour salut svp plait il temps tres tout tous "
                + "prend toute aussi bien vendez vendre meilleur meilleure conseillez possible savoir trouver besoin aide question est-ce article articles produit produits"
        ),
        ["es"] = Set(
            "el la los las lo un una unos unas y o u pero si de del a al en por para con sin sobre entre desde hasta que quien quienes cual cuales cuando "
                + "cuanto cuanta cuantos cuantas donde como porque es son era fue ser soy eres somos esta estan estoy estar hay he has ha hemos han haber tengo "
                + "tiene tienen tener puedo puede pueden podria poder debo debe quiero quiere quisiera hacer hago hace yo me mi mis nosotros nos nuestro nuestra tu "
                + "te ti tus usted ustedes su sus se le les esto este esta estos estas eso ese esa aqui alli no mas muy tambien todo todos toda algun alguna "
                + "tarda tardan algo hola gracias favor buenos dias buenas tardes saber necesito ayuda vende venden vender mejor mejores recomienda pregunta posible tiempo articulo articulos producto productos"
        ),
        ["vi"] = Set(
            "là và hoặc nhưng nếu của cho với không có được ở tại trong trên từ đến về để thì mà này đó kia đây ấy tôi mình em anh chị bạn chúng ta họ nó gì nào "
                + "ai đâu khi sao thế làm như bao nhiêu lâu mấy những các một cái con cần muốn xin chào cảm ơn ạ à nhé hỏi biết giúp phải hay rất cũng đã đang sẽ "
                + "rồi vậy mất ra vào lại hãy shop bên vui lòng"
        ),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The language whose grammar the text uses most, or the given one when nothing tells.</summary>
    public static string LanguageOf(string text, string otherwise)
    {
        var (plain, folded) = (Words.Split(text, fold: false), Words.Split(text));
        var best = otherwise;
        var most = Count(otherwise, plain, folded);
        foreach (var language in ByLanguage.Keys.Order(StringComparer.Ordinal))
        {
            var count = Count(language, plain, folded);
            if (count > most)
                (best, most) = (language, count);
        }
        return best;
    }

    public static bool Contains(string language, string word) => ByLanguage.TryGetValue(language, out var words) && words.Contains(word);

    private static int Count(string language, List<string> plain, List<string> folded) =>
        (language is "vi" ? plain : folded).Count(w => Contains(language, w));

    private static FrozenSet<string> Set(string words) => words.Split(' ').ToFrozenSet(StringComparer.Ordinal);
}
