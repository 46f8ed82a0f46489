using System.Globalization;

namespace Tenet.Inbox.Widget;

/// <summary>What the chat says before it takes a first message.</summary>
/// <param name="Ask">The question: neutral, so that no answer looks like the wanted one.</param>
/// <param name="Thanks">To who is younger.</param>
internal sealed record AgeQuestion(string Ask, string Yes, string No, string Thanks);

/// <summary>The question for the age, and what is said when nothing is taken, in the languages of the chat.</summary>
/// <param name="Refused">To who may not come in; says nothing of why, which is not everybody's to know.</param>
internal sealed record AgeTexts(AgeQuestion Question, string Asked, string Refused)
{
    private static readonly Dictionary<string, AgeTexts> Known = new(StringComparer.Ordinal)
    {
        ["en"] = new(
            new(
                "Before you write: how old are you?",
                "{0} or older",
                "Younger than {0}",
                "Thank you for telling us. This chat is for people of {0} and older, so we cannot chat with you here. We have kept nothing. Please ask an adult to write to us."
            ),
            "Say that you are {0} or older before you write. Load the page again to be asked.",
            "Nothing can be taken here from this address or this device. What you wrote was not kept. Please get in touch in another way."
        ),
        ["de"] = new(
            new(
                "Bevor Sie schreiben: Wie alt sind Sie?",
                "{0} oder älter",
                "Jünger als {0}",
                "Danke für die Antwort. Dieser Chat ist für Menschen ab {0} Jahren, deshalb können wir hier nicht mit dir schreiben. Wir haben nichts gespeichert. Bitte einen Erwachsenen, uns zu schreiben."
            ),
            "Sagen Sie, dass Sie {0} oder älter sind, bevor Sie schreiben. Laden Sie die Seite neu, um gefragt zu werden.",
            "Von dieser Adresse oder diesem Gerät kann hier nichts angenommen werden. Was Sie geschrieben haben, wurde nicht gespeichert. Bitte melden Sie sich auf anderem Weg."
        ),
        ["fr"] = new(
            new(
                "Avant d’écrire : quel âge avez-vous ?",
                "{0} ans ou plus",
                "Moins de {0} ans",
                "Merci de nous l’avoir dit. Ce chat est réservé aux personnes de {0} ans et plus, nous ne pouvons donc pas discuter avec toi ici. Nous n’avons rien conservé. Demande à un adulte de nous écrire."
            ),
            "Dites que vous avez {0} ans ou plus avant d’écrire. Rechargez la page pour voir la question.",
            "Rien ne peut être reçu ici de cette adresse ou de cet appareil. Ce que vous avez écrit n’a pas été conservé. Contactez-nous autrement."
        ),
        ["es"] = new(
            new(
                "Antes de escribir: ¿qué edad tiene?",
                "{0} años o más",
                "Menos de {0} años",
                "Gracias por decírnoslo. Este chat es para personas de {0} años o más, así que no podemos hablar contigo aquí. No hemos guardado nada. Pide a una persona adulta que nos escriba."
            ),
            "Diga que tiene {0} años o más antes de escribir. Vuelva a cargar la página para ver la pregunta.",
            "Aquí no se puede recibir nada de esta dirección o este dispositivo. Lo que ha escrito no se ha guardado. Póngase en contacto de otro modo."
        ),
        ["vi"] = new(
            new(
                "Trước khi viết: bạn bao nhiêu tuổi?",
                "Từ {0} tuổi trở lên",
                "Dưới {0} tuổi",
                "Cảm ơn bạn đã cho biết. Cuộc trò chuyện này dành cho người từ {0} tuổi trở lên, nên chúng tôi không thể trò chuyện với bạn ở đây. Chúng tôi không lưu gì cả. Hãy nhờ một người lớn viết cho chúng tôi."
            ),
            "Hãy xác nhận rằng bạn từ {0} tuổi trở lên trước khi viết. Tải lại trang để được hỏi.",
            "Không thể nhận gì ở đây từ địa chỉ hoặc thiết bị này. Những gì bạn viết không được lưu. Vui lòng liên hệ bằng cách khác."
        ),
    };

    public static AgeTexts Of(string language) => Known.GetValueOrDefault(language) ?? Known["en"];

    public string Unsaid(int age) => Fill(Asked, age);

    public static IReadOnlyDictionary<string, AgeQuestion> All(int age) =>
        Known.ToDictionary(
            texts => texts.Key,
            texts =>
                texts.Value.Question with
                {
                    Yes = Fill(texts.Value.Question.Yes, age),
                    No = Fill(texts.Value.Question.No, age),
                    Thanks = Fill(texts.Value.Question.Thanks, age),
                },
            StringComparer.Ordinal
        );

    private static string Fill(string text, int age) =>
        text.Replace("{0}", age.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
}
