namespace Tenet.Odoo.Pages;

/// <summary>The tools as an admin reads of them.</summary>
internal static class ToolWords
{
    public static string Of(string tool) =>
        tool switch
        {
            "list_models" => "Lists the kinds of records",
            "list_fields" => "Lists the fields of a kind",
            "search_records" => "Finds records",
            "read_records" => "Reads records",
            "aggregate" => "Sums, averages and counts",
            "open_record" => "Links to a record",
            "report_link" => "Links to a printed document",
            "create_record" => "Makes a record",
            "update_record" => "Changes fields of records",
            "archive_record" => "Archives records",
            "confirm_order" => "Confirms a quotation or order",
            "post_message" => "Posts a note or message on a record",
            "schedule_activity" => "Plans an activity",
            _ => tool,
        };
}
