using System.Collections.Frozen;

namespace Tenet.Assistant;

/// <summary>What the assistant says in its own words, in the visitor's language.</summary>
/// <param name="NotFound">Nothing on the pages answers.</param>
/// <param name="HandedOff">A person is asked for.</param>
/// <param name="Failed">Neither a model nor the pages could be asked.</param>
/// <param name="TooLong">{0} is the most characters a question may have.</param>
/// <param name="FromPages">The model failed and the pages answer instead.</param>
/// <param name="OverBudget">No answer by the assistant any more today.</param>
/// <param name="Greeting">To a bare greeting.</param>
/// <param name="Thanks">To bare thanks.</param>
/// <param name="WhoAnswers">To the question whether there is a person.</param>
/// <param name="RemovedLink">Stands where a link was that nobody vouches for.</param>
internal sealed record Phrases(
    string NotFound,
    string HandedOff,
    string Failed,
    string TooLong,
    string FromPages,
    string OverBudget,
    string Greeting,
    string Thanks,
    string WhoAnswers,
    string RemovedLink
)
{
    private static readonly FrozenDictionary<string, Phrases> ByLanguage = new Dictionary<string, Phrases>(StringComparer.Ordinal)
    {
        ["en"] = new(
            "I did not find an answer to this on our pages. Would you like me to ask a person from our team? They will reply right here.",
            "I have asked our team to take over. A person will reply right here.",
            "Something went wrong on our side and I cannot answer right now. Please try again in a moment, or ask for a person from our team.",
            "Your message is too long for me. Please shorten it to {0} characters.",
            "The assistant is hard to reach right now, so this answer comes straight from our pages.",
            "I cannot answer any more questions today. Would you like me to ask a person from our team? They will reply right here.",
            "Hello! What would you like to know?",
            "You are welcome! Is there anything else I can help with?",
            "I am an automatic assistant, not a person. Ask me something: I answer from our pages and show where it says so. You can ask for a person from our team at any time.",
            "(link removed)"
        ),
        ["de"] = new(
            "Darauf habe ich auf unseren Seiten keine Antwort gefunden. Soll ich jemanden aus unserem Team fragen? Die Antwort kommt dann hier.",
            "Ich habe unser Team gebeten zu übernehmen. Jemand antwortet Ihnen gleich hier.",
            "Bei uns ist etwas schiefgegangen, und ich kann gerade nicht antworten. Bitte versuchen Sie es gleich noch einmal oder fragen Sie nach einer Person aus unserem Team.",
            "Ihre Nachricht ist zu lang für mich. Bitte kürzen Sie sie auf {0} Zeichen.",
            "Der Assistent ist gerade schwer zu erreichen, deshalb kommt diese Antwort direkt von unseren Seiten.",
            "Heute kann ich keine Fragen mehr beantworten. Soll ich jemanden aus unserem Team fragen? Die Antwort kommt dann hier.",
            "Hallo! Was möchten Sie wissen?",
            "Gern geschehen! Kann ich sonst noch helfen?",
            "Ich bin ein automatischer Assistent und kein Mensch. Fragen Sie mich etwas: Ich antworte von unseren Seiten und zeige, wo es steht. Sie können jederzeit nach einer Person aus unserem Team fragen.",
            "(Link entfernt)"
        ),
        ["fr"] = new(
            "Je n’ai pas trouvé de réponse à cette question sur nos pages. Voulez-vous que je demande à une personne de notre équipe ? Elle vous répondra ici.",
            "J’ai demandé à notre équipe de prendre le relais. Une personne vous répondra ici.",
            "Un problème est survenu de notre côté et je ne peux pas répondre pour l’instant. Réessayez dans un instant ou demandez une personne de notre équipe.",
            "Votre message est trop long pour moi. Merci de le raccourcir à {0} caractères.",
            "L’assistant est difficile à joindre en ce moment ; cette réponse vient donc directement de nos pages.",
            "Je ne peux plus répondre à des questions aujourd’hui. Voulez-vous que je demande à une personne de notre équipe ? Elle vous répondra ici.",
            "Bonjour ! Que souhaitez-vous savoir ?",
            "Avec plaisir ! Puis-je vous aider pour autre chose ?",
            "Je suis un assistant automatique, pas une personne. Posez-moi une question : je réponds d’après nos pages et je montre où c’est écrit. Vous pouvez demander une personne de notre équipe à tout moment.",
            "(lien supprimé)"
        ),
        ["es"] = new(
            "No he encontrado una respuesta en nuestras páginas. ¿Quiere que pregunte a una persona de nuestro equipo? Le responderá aquí mismo.",
            "He pedido a nuestro equipo que continúe. Una persona le responderá aquí mismo.",
            "Algo ha fallado por nuestra parte y ahora no puedo responder. Inténtelo de nuevo en un momento o pida hablar con una persona de nuestro equipo.",
            "Su mensaje es demasiado largo para mí. Acórtelo a {0} caracteres, por favor.",
            "Ahora es difícil contactar con el asistente, así que esta respuesta viene directamente de nuestras páginas.",
            "Hoy ya no puedo responder más preguntas. ¿Quiere que pregunte a una persona de nuestro equipo? Le responderá aquí mismo.",
            "¡Hola! ¿Qué le gustaría saber?",
            "¡De nada! ¿Puedo ayudarle en algo más?",
            "Soy un asistente automático, no una persona. Hágame una pregunta: respondo con lo que dicen nuestras páginas y muestro dónde está. Puede pedir una persona de nuestro equipo en cualquier momento.",
            "(enlace eliminado)"
        ),
        ["vi"] = new(
            "Tôi không tìm thấy câu trả lời trên trang của chúng tôi. Bạn có muốn tôi hỏi một người trong đội ngũ không? Họ sẽ trả lời ngay tại đây.",
            "Tôi đã nhờ đội ngũ của chúng tôi tiếp nhận. Sẽ có người trả lời bạn ngay tại đây.",
            "Đã có lỗi ở phía chúng tôi nên tôi chưa thể trả lời. Vui lòng thử lại sau giây lát, hoặc yêu cầu gặp một người trong đội ngũ.",
            "Tin nhắn của bạn quá dài. Vui lòng rút gọn còn {0} ký tự.",
            "Hiện khó kết nối với trợ lý, nên câu trả lời này được lấy trực tiếp từ trang của chúng tôi.",
            "Hôm nay tôi không thể trả lời thêm câu hỏi. Bạn có muốn tôi hỏi một người trong đội ngũ không? Họ sẽ trả lời ngay tại đây.",
            "Xin chào! Bạn muốn biết điều gì?",
            "Rất vui được giúp bạn! Bạn cần hỗ trợ gì thêm không?",
            "Tôi là trợ lý tự động, không phải người thật. Hãy hỏi tôi: tôi trả lời theo các trang của chúng tôi và chỉ rõ nguồn. Bạn có thể yêu cầu gặp một người trong đội ngũ bất cứ lúc nào.",
            "(liên kết đã bị xóa)"
        ),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <param name="language">BCP 47; only its first part counts, and English stands in for what we do not speak.</param>
    public static Phrases In(string language) => ByLanguage.GetValueOrDefault(Primary(language)) ?? ByLanguage["en"];

    /// <summary>The text ends by offering a person, in whatever language.</summary>
    public static bool OfferPerson(string text) =>
        ByLanguage.Values.Any(p =>
            text.EndsWith(p.NotFound, StringComparison.Ordinal) || text.EndsWith(p.OverBudget, StringComparison.Ordinal)
        );

    /// <summary>"de" of "de-AT".</summary>
    public static string Primary(string language)
    {
        var dash = language.AsSpan().IndexOfAny('-', '_');
        return (dash < 0 ? language : language[..dash]).ToLowerInvariant();
    }
}
