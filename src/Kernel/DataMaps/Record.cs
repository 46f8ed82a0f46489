namespace Tenet.Kernel.DataMaps;

/// <summary>Says of an entity which table holds it, what it is kept for and which retention rule ends it.</summary>
/// <param name="table">With its schema: <c>inbox.message</c>.</param>
/// <param name="purpose">One of <see cref="Purpose"/>.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class RecordAttribute(string table, string purpose) : Attribute
{
    public string Table { get; } = table;
    public string Purpose { get; } = purpose;

    /// <summary>The name of the retention rule, declared by a module: <c>inbox.conversations</c>.</summary>
    public required string Keep { get; init; }
}

/// <summary>A column that says something about a person.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PersonalAttribute(string category) : Attribute
{
    public string Category { get; } = category;
}

/// <summary>A personal column by which a person can be found.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class IdentifiesAttribute : Attribute;

/// <summary>
/// The id of what this row belongs to: it goes, is exported and is found with it. For what no foreign key says, across modules for instance.
/// </summary>
/// <param name="table">With its schema, or <see cref="AnyPerson"/>.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RefersAttribute(string table) : Attribute
{
    /// <summary>The row of some person, in whichever module's table that is: ids are unique over all of them.</summary>
    public const string AnyPerson = "*";

    public string Table { get; } = table;
}

/// <summary>The id of a row of another table that belongs to this one, and goes with it: the other table knows nothing of this one.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OwnsAttribute(string table) : Attribute
{
    public string Table { get; } = table;
}

/// <summary>
/// The id of a person who had to do with this row, which is not theirs: it stays when they are erased, an id that leads to nobody from then on.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class MentionsAttribute : Attribute;

/// <summary>A table with personal columns whose rows lead to no person, and why that is right.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class NoSubjectAttribute(string reason) : Attribute
{
    public string Reason { get; } = reason;
}

/// <summary>Rows that stay when their person is erased, and the ground on which they do.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class RetainedAttribute(string ground) : Attribute
{
    public string Ground { get; } = ground;
}

/// <summary>Rows that stay when their workspace is deleted, until their retention rule ends them, and the ground on which they do.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class KeptAtClosingAttribute(string ground) : Attribute
{
    public string Ground { get; } = ground;
}

/// <summary>Whose key seals a column, so that a rotation knows what to seal again.</summary>
public enum KeyKind
{
    /// <summary>The workspace's, or the key of a person in it: by <c>WorkspaceVault</c>.</summary>
    Workspace,

    /// <summary>The installation's: by <c>InstallationVault</c>.</summary>
    Installation,

    /// <summary>A key of its own, which the code beside it takes care of.</summary>
    Special,
}

/// <summary>An encrypted column. Its property is the sealed bytes; the table's <c>id</c> is the row of its place.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SealedAttribute(string category) : Attribute
{
    public string Category { get; } = category;
    public KeyKind Under { get; init; }
}

/// <summary>A column that says nothing about a person: ids, times, states, counts, settings.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OperationalAttribute : Attribute;

/// <summary>A computed property without a column.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NoColumnAttribute : Attribute;

/// <summary>Categories of personal data, by fideslang's names where one fits.</summary>
public static class Category
{
    public const string Name = "user.name";
    public const string Email = "user.contact.email";
    public const string Phone = "user.contact.phone_number";
    public const string Address = "user.contact.address";
    public const string UniqueId = "user.unique_id";
    public const string Pseudonym = "user.unique_id.pseudonymous";
    public const string Credentials = "user.authorization.credentials";
    public const string SystemCredentials = "system.credentials";
    public const string IpAddress = "user.device.ip_address";
    public const string Device = "user.device";
    public const string BrowsingHistory = "user.behavior.browsing_history";
    public const string Content = "user.content.private";
    public const string Feedback = "user.content.feedback";
    public const string Notes = "user.content.notes";
    public const string Language = "user.demographic.language";
}

/// <summary>What data is processed for.</summary>
public static class Purpose
{
    public const string Account = "essential.service.account";
    public const string Authentication = "essential.service.authentication";
    public const string CustomerSupport = "essential.service.support";
    public const string CustomerRelations = "essential.service.crm";
    public const string KnowledgeBase = "essential.service.knowledge";
    public const string Assistance = "essential.service.assistant";
    public const string Accountability = "essential.legal_obligation.accountability";
    public const string Operations = "essential.service.operations";
    public const string Notification = "essential.service.notifications";
}
