namespace Tenet.Privacy.Records;

/// <summary>The record of processing activities of GDPR Art. 30: (1) of a controller, (2) of a processor.</summary>
/// <param name="Operator">Name and contact of who runs the installation; what is not set is null.</param>
/// <param name="Measures">Technical and organisational measures of Art. 32: promises in force of the policy.</param>
public sealed record ProcessingRecords(
    string Workspace,
    string Policy,
    string Version,
    DateOnly Effective,
    ResponsibleParty Operator,
    IReadOnlyList<ProcessingActivity> AsController,
    IReadOnlyList<ProcessingActivity> AsProcessor,
    IReadOnlyList<string> Measures
);

public sealed record ResponsibleParty(string? Name, string? Address, string? Mail, string? DataProtectionOfficer);

/// <summary>What is done with data for one purpose.</summary>
/// <param name="Purpose">As the data map and the policy name it.</param>
/// <param name="LegalBasis">Of GDPR Art. 6; null when the policy names none.</param>
/// <param name="Categories">Of personal data, by fideslang's names.</param>
/// <param name="Retention">The rules that end the records, in words.</param>
/// <param name="Recipients">Who receives some of it at present, with the region.</param>
/// <param name="Tables">Where it is stored.</param>
public sealed record ProcessingActivity(
    string Purpose,
    string Title,
    string? LegalBasis,
    IReadOnlyList<string> Subjects,
    IReadOnlyList<string> Categories,
    IReadOnlyList<string> Retention,
    IReadOnlyList<string> Recipients,
    IReadOnlyList<string> Tables,
    int SealedColumns
);
