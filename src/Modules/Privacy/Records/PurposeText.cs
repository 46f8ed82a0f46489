using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Subjects;

namespace Tenet.Privacy.Records;

/// <summary>Purposes, categories and lawful bases in words.</summary>
internal static class PurposeText
{
    public static string Of(string purpose) =>
        purpose switch
        {
            Purpose.Account => "Accounts",
            Purpose.Authentication => "Sign-in",
            Purpose.CustomerSupport => "Support by chat",
            Purpose.CustomerRelations => "Customer relations",
            Purpose.KnowledgeBase => "Knowledge base",
            Purpose.Assistance => "AI assistant",
            Purpose.Accountability => "Accountability",
            Purpose.Operations => "Operations",
            Purpose.Notification => "Letters",
            _ => purpose,
        };

    /// <summary>What stops with it.</summary>
    public static string OfStoppable(string purpose) =>
        purpose == Purposes.Marketing ? "News by e-mail" : "Answers by the assistant in the chat";

    /// <summary><c>user.contact.email</c> → <c>contact email</c>.</summary>
    public static string OfCategory(string category)
    {
        var words = category.Split('.')[1..];
        return string.Join(' ', words).Replace('_', ' ');
    }

    public static string OfBasis(string? basis) =>
        basis switch
        {
            "consent" => "consent, Art. 6(1)(a)",
            "contract" => "contract, Art. 6(1)(b)",
            "legal_obligation" => "legal obligation, Art. 6(1)(c)",
            "vital_interests" => "vital interests, Art. 6(1)(d)",
            "public_task" => "public task, Art. 6(1)(e)",
            "legitimate_interest" => "legitimate interest, Art. 6(1)(f)",
            _ => "none named",
        };
}
