using System.Globalization;

namespace Tenet.Inbox;

/// <summary>Events are stored as codes and said in the reader's language.</summary>
internal static class EventTexts
{
    public const string PersonAsked = "person_asked";
    public const string TakenOver = "taken_over";
    public const string HandedBack = "handed_back";
    public const string Resolved = "resolved";
    public const string Reopened = "reopened";
    public const string Snoozed = "snoozed";
    public const string Offline = "offline";
    private const string NoticePrefix = "notice:";

    // Columns: en, de, fr, es, vi.
    private static readonly Dictionary<string, string[]> Visitor = new(StringComparer.Ordinal)
    {
        [PersonAsked] =
        [
            "You asked for a person. The assistant is paused.",
            "Sie haben nach einem Menschen gefragt. Der Assistent pausiert.",
            "Vous avez demandé une personne. L’assistant est en pause.",
            "Ha pedido hablar con una persona. El asistente está en pausa.",
            "Bạn đã yêu cầu gặp nhân viên. Trợ lý tạm dừng.",
        ],
        [TakenOver] =
        [
            "A person has joined the conversation.",
            "Ein Mensch ist jetzt im Gespräch.",
            "Une personne a rejoint la conversation.",
            "Una persona se ha unido a la conversación.",
            "Một nhân viên đã tham gia cuộc trò chuyện.",
        ],
        [HandedBack] =
        [
            "The assistant answers again.",
            "Der Assistent antwortet wieder.",
            "L’assistant répond de nouveau.",
            "El asistente vuelve a responder.",
            "Trợ lý tiếp tục trả lời.",
        ],
        [Resolved] =
        [
            "This conversation was closed.",
            "Dieses Gespräch wurde abgeschlossen.",
            "Cette conversation est close.",
            "Esta conversación se ha cerrado.",
            "Cuộc trò chuyện đã kết thúc.",
        ],
        [Offline] =
        [
            "Your message is with the team. They answer by e-mail.",
            "Ihre Nachricht ist beim Team. Es antwortet per E-Mail.",
            "Votre message est parvenu à l’équipe. Elle répond par e-mail.",
            "Su mensaje ha llegado al equipo. Responderán por correo.",
            "Tin nhắn của bạn đã đến đội ngũ. Họ sẽ trả lời qua e-mail.",
        ],
        [NoticePrefix] =
        [
            "The assistant’s model did not answer, so this comes straight from our pages.",
            "Das Modell des Assistenten hat nicht geantwortet; dies kommt direkt aus unseren Seiten.",
            "Le modèle de l’assistant n’a pas répondu ; ceci vient directement de nos pages.",
            "El modelo del asistente no respondió; esto viene directamente de nuestras páginas.",
            "Mô hình của trợ lý không phản hồi, nên nội dung này lấy trực tiếp từ các trang của chúng tôi.",
        ],
    };

    public static string Notice(string code) => NoticePrefix + code;

    /// <summary>What the visitor reads, or null when an event is the team's only.</summary>
    public static string? ForVisitor(string code, string language)
    {
        var key = code.StartsWith(NoticePrefix, StringComparison.Ordinal) ? NoticePrefix : code;
        return Visitor.TryGetValue(key, out var texts) ? texts[Column(language)] : null;
    }

    /// <summary>What the team reads.</summary>
    public static string ForTeam(string code) =>
        code switch
        {
            PersonAsked => "The visitor asked for a person · the assistant is paused",
            TakenOver => "A member of the team took over · the assistant is paused",
            HandedBack => "Handed back to the assistant",
            Resolved => "Resolved",
            Reopened => "Reopened",
            Snoozed => "Snoozed",
            Offline => "Sent while nobody was there · answer by e-mail",
            _ when code.StartsWith(NoticePrefix, StringComparison.Ordinal) =>
                $"The model failed ({code[NoticePrefix.Length..]}) · answered from the pages instead",
            _ => code,
        };

    private static int Column(string language) =>
        language.Split('-')[0].ToLower(CultureInfo.InvariantCulture) switch
        {
            "de" => 1,
            "fr" => 2,
            "es" => 3,
            "vi" => 4,
            _ => 0,
        };
}
