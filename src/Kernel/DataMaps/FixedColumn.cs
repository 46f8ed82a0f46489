namespace Tenet.Kernel.DataMaps;

/// <summary>A personal column that cannot be corrected by writing into it, because something else depends on it; and what to do instead.</summary>
public sealed record FixedColumn(string Table, string Column, string Instead);
