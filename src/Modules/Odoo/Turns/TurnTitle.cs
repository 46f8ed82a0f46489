namespace Tenet.Odoo.Turns;

/// <summary>What a chat is about, by the kinds of records that were asked for: one of a few words, so that a title holds nothing of anybody.</summary>
internal enum TurnTitle
{
    Conversation,
    Sales,
    Invoices,
    Stock,
    Pipeline,
    Contacts,
    Products,
    Purchases,
    Projects,
    Staff,
    Production,
    Records,
}

internal static class TurnTitles
{
    private static readonly (string Prefix, TurnTitle Title)[] Prefixes =
    [
        ("sale.", TurnTitle.Sales),
        ("account.", TurnTitle.Invoices),
        ("stock.", TurnTitle.Stock),
        ("crm.", TurnTitle.Pipeline),
        ("res.partner", TurnTitle.Contacts),
        ("product.", TurnTitle.Products),
        ("purchase.", TurnTitle.Purchases),
        ("project.", TurnTitle.Projects),
        ("hr.", TurnTitle.Staff),
        ("mrp.", TurnTitle.Production),
    ];

    public static TurnTitle Of(IReadOnlyCollection<string> models)
    {
        if (models.Count == 0)
        {
            return TurnTitle.Conversation;
        }
        foreach (var (prefix, title) in Prefixes)
        {
            if (models.Any(model => model.StartsWith(prefix, StringComparison.Ordinal)))
            {
                return title;
            }
        }
        return TurnTitle.Records;
    }
}
